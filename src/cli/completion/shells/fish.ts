/** The script for fish 3.1 and later. `request`: the hidden command it asks. */
export const fishScript = (
  request: string,
): string => `# fish completion for wharf: wharf completion fish | source

function __wharf_complete
    # Variables mean what they will mean; what would be carried out stays as it is written.
    set -l words
    for word in (commandline -opc)
        if string match -q -- '*$*' "$word"; and not string match -qr '[()<>;&|]' -- "$word"
            eval set word $word
        end
        set -a words $word
    end
    set -l cur (commandline -ct)
    set -l program wharf
    if string match -q -- '*/*' $words[1]
        set program $words[1]
    end
    set -l out ($program ${request} $words[2..-1] "$cur" 2>/dev/null)
    or return
    set -l directive (string sub -s 2 -- $out[-1])
    set -e out[-1]
    # The flag of --flag=VALUE belongs to the word here.
    set -l start (string match -r -- '^-[^=]*=' "$cur")
    if test (math "bitand($directive, 16)") -ne 0
        set out (__fish_complete_directories (string replace -r -- '^-[^=]*=' '' "$cur"))
    else if test (count $out) -eq 0; and test (math "bitand($directive, 4)") -eq 0
        set out (__fish_complete_path (string replace -r -- '^-[^=]*=' '' "$cur"))
    end
    for line in $out
        printf '%s%s\\n' "$start" $line
    end
end

complete -c wharf -e
complete -c wharf -f -k -a '(__wharf_complete)'
`;
