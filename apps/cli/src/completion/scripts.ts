/**
 * What a shell runs to complete the words of `corral`. Each hands the line up to the cursor to `corral __complete`, whose
 * first line is the word that is being typed.
 */
export const completionScripts: Readonly<Record<string, string>> = {
  bash: unescaped(String.raw`# bash completion of corral; in ~/.bashrc: eval "$(corral completion bash)"
_corral() {
  local line typed cut=-1 current=\${COMP_WORDS[COMP_CWORD]}
  # bash parts words at colons and equals signs, too.
  [[ $current == : || $current == = ]] && current=
  COMPREPLY=()
  while IFS= read -r line; do
    if (( cut < 0 )); then
      cut=$(( \${#line} - \${#current} ))
      (( cut < 0 )) && cut=0
    else
      COMPREPLY+=("\${line:cut}")
    fi
  done < <("\${COMP_WORDS[0]}" __complete -- "\${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
}
complete -o nospace -F _corral corral
`),
  zsh: unescaped(String.raw`#compdef corral
# zsh completion of corral; in ~/.zshrc behind compinit: source <(corral completion zsh)
_corral() {
  local -a found
  found=("\${(@f)$("\${words[1]}" __complete -- "\${(j: :)words[1,CURRENT-1]} $PREFIX" 2>/dev/null)}")
  shift found
  (( $#found )) && compadd -Q -S '' -- $found
}
compdef _corral corral
`),
  fish: `# fish completion of corral; corral completion fish > ~/.config/fish/completions/corral.fish
complete -c corral -f -a '(corral __complete -- (commandline -cp) 2>/dev/null | tail -n +2 | string trim --right)'
`,
};

/** A dollar before a brace is the shell's. */
function unescaped(script: string): string {
  return script.replaceAll('\\$', '$');
}
