/**
 * The script for bash 3.2 and later; it needs no bash-completion package. `request`: the hidden command it asks.
 * Words are put together again where COMP_WORDBREAKS has cut them (`busybox:latest`, `--network=host`), and nothing of
 * the command line is carried out.
 */
export const bashScript = (
  request: string,
): string => `# bash completion for wharf: source <(wharf completion bash)

# Sets words to what is in front of the cursor, as the words that wharf would be given.
__wharf_words() {
    local line=\${COMP_LINE:0:COMP_POINT} cut word count=0 i
    words=()
    for ((i = 0; i <= COMP_CWORD; i++)); do
        cut=\${COMP_WORDS[i]}
        word=\${line#"\${line%%[![:space:]]*}"}
        if ((count == 0)) || [[ $word != "$line" || -z $line ]]; then
            words[count++]=
        fi
        line=$word
        # The word at the cursor ends there.
        [[ \${line:0:\${#cut}} == "$cut" ]] || cut=$line
        words[count - 1]+=$cut
        line=\${line:\${#cut}}
    done
    [[ -z $line ]] || words[count - 1]+=$line
    for ((i = 0; i < count; i++)); do
        word=\${words[i]}
        # Quotes and variables mean what they will mean; what would be carried out stays as it is written.
        if [[ $word == *[\\"\\'\\\\\\$]* && $word != *[\\\`\\(\\)\\<\\>\\;\\&\\|]* ]]; then
            eval "words[i]=$word" 2>/dev/null || words[i]=$word
        fi
    done
}

_wharf() {
    local words=() out directive program=wharf cur name about line start lead width=0 i=0 names=() abouts=()
    COMPREPLY=()
    __wharf_words
    [[ \${words[0]} != */* ]] || program=\${words[0]/#\\~\\//$HOME/}
    out=$("$program" ${request} "\${words[@]:1}" 2>/dev/null) || return 0
    directive=\${out##*:}
    out=\${out%:*}
    cur=\${words[\${#words[@]} - 1]}
    if [[ $cur == -*=* ]]; then
        [[ $COMP_WORDBREAKS == *=* ]] || lead=\${cur%%=*}=
        cur=\${cur#*=}
    fi
    while IFS= read -r line; do
        name=\${line%%$'\\t'*}
        [[ -n $name && $name == "$cur"* ]] || continue
        about=
        [[ $line != *$'\\t'* ]] || about=\${line#*$'\\t'}
        names[i]=$name
        abouts[i++]=$about
        ((\${#name} <= width)) || width=\${#name}
    done <<<"$out"

    # Only what stands behind the last character that bash takes for the end of a word is replaced.
    start=
    for line in : =; do
        if [[ $cur == *$line* && $COMP_WORDBREAKS == *$line* ]]; then
            name=\${cur%"\${cur##*$line}"}
            ((\${#name} <= \${#start})) || start=$name
        fi
    done
    for ((i = 0; i < \${#names[@]}; i++)); do
        name=\${names[i]#"$start"}
        if ((\${#names[@]} == 1)); then
            printf -v name %q "$name"
        elif [[ \${COMP_TYPE-9} != 37 && -n \${abouts[i]} ]]; then
            # A list: what each is stands beside it, as far as the line goes.
            printf -v name "%-$((width - \${#start}))s  (%s)" "$name" "\${abouts[i]}"
            ((\${#name} < \${COLUMNS:-80})) || name="\${name:0:\${COLUMNS:-80} - 3}..)"
        fi
        COMPREPLY[i]=$lead$name
    done

    if [[ $(type -t compopt) == builtin ]]; then
        ((directive & 2)) && compopt -o nospace
        ((directive & 4)) && compopt +o default
        if ((directive & 16)); then compopt -o dirnames +o default; fi
    fi
    return 0
}

complete -o default -F _wharf wharf
`;
