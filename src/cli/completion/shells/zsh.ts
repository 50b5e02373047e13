/** The script for zsh, as a file _wharf of fpath or sourced. `request`: the hidden command it asks. */
export const zshScript = (request: string): string => `#compdef wharf
# zsh completion for wharf: source <(wharf completion zsh)

_wharf() {
    local program=wharf line out name about cur
    local -i directive
    local -a before candidates space
    [[ \${words[1]} != */* ]] || program=\${~words[1]}
    # Quotes and variables mean what they will mean; what would be carried out stays as it is written.
    for line in "\${(@Q)words[2,CURRENT-1]}"; do
        [[ $line == *[\\\`\\(\\)]* ]] || line=\${(e)line}
        before+=("$line")
    done
    cur=\${(Q)PREFIX}
    out=$("$program" ${request} "\${before[@]}" "$cur" 2>/dev/null) || return 1
    directive=\${out##*:}
    # The value behind --flag= is what is completed.
    [[ $cur != -*=* ]] || compset -P 1 '*='
    for line in "\${(@f)\${out%:*}}"; do
        [[ -n $line ]] || continue
        name=\${line%%$'\\t'*}
        about=
        [[ $line != *$'\\t'* ]] || about=\${line#*$'\\t'}
        candidates+=("\${name//:/\\\\:}\${about:+:$about}")
    done
    if ((directive & 16)); then
        _files -/
        return
    fi
    ((directive & 2)) && space=(-S '')
    if ((\${#candidates})); then
        _describe -t candidates candidate candidates "\${space[@]}" && return
    fi
    ((directive & 4)) || _files
}

# Called by the completion system itself when it has loaded this file; sourced, it is registered.
if [[ \${funcstack[1]} == _wharf ]]; then
    _wharf "$@"
else
    compdef _wharf wharf
fi
`;
