using System.CommandLine;

namespace RawEcho.Completion;

/// <summary>The scripts for one program. Names of files are the shell's business: it knows about quotes, tildes and hidden files.</summary>
/// <param name="program">The program's name.</param>
/// <param name="files">The options that take the name of a file.</param>
/// <param name="directories">The options that take the name of a directory.</param>
/// <param name="fileCommands">The commands that take names of files without an option.</param>
internal sealed class CompletionScript(
    string program, IReadOnlyList<string> files, IReadOnlyList<string> directories, IReadOnlyList<string> fileCommands)
{
    // A case without words is an error in every shell; this one never is typed.
    private const string Nothing = "--/";

    private string FilePatterns => string.Join('|', fileCommands.Select(c => $"{c}/*"));

    private string Function => "_" + program.Replace('-', '_');

    /// <summary>Reads off a program's commands what the scripts have to know: HelpName says what a value is.</summary>
    public static CompletionScript For(RootCommand root, string program)
    {
        Command[] all = [.. Below(root)];
        return new(
            program,
            Options(all, "file"),
            Options(all, "directory"),
            [.. all.Where(c => c.Arguments.Any(a => a.HelpName == "file")).Select(c => c.Name).Distinct().DefaultIfEmpty(Nothing)]);
    }

    public string Bash() => $$"""
        # Completes {{program}} in bash. In ~/.bashrc: source <({{program}} completion bash)
        {{Function}}() {
            local word="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}"
            local program="${COMP_WORDS[0]/#\~/$HOME}" line="${COMP_LINE:0:COMP_POINT}" found
            COMPREPLY=()
            case "$previous" in
                {{Alternatives(files)}}) compopt -o filenames 2>/dev/null; found="$(compgen -f -- "$word")" ;;
                {{Alternatives(directories)}}) compopt -o filenames 2>/dev/null; found="$(compgen -d -- "$word")" ;;
                *)
                    line="{{program}}${line#"${COMP_WORDS[0]}"}"
                    found="$(compgen -W "$("$program" "[suggest:${#line}]" "$line" 2>/dev/null)" -- "$word")"
                    case "${COMP_WORDS[1]}/$word" in
                        */-*) ;;
                        {{FilePatterns}}) compopt -o filenames 2>/dev/null; found="$found"$'\n'"$(compgen -f -- "$word")" ;;
                    esac
                    ;;
            esac
            while IFS= read -r word; do
                [ -z "$word" ] || COMPREPLY+=("$word")
            done <<<"$found"
        }
        complete -F {{Function}} {{program}}

        """;

    public string Zsh() => $$"""
        #compdef {{program}}
        # Completes {{program}} in zsh. In ~/.zshrc, after compinit: source <({{program}} completion zsh)
        {{Function}}() {
            local program="${(Q)words[1]}" line="{{program}} ${(j: :)words[2,CURRENT]}"
            program="${program/#\~/$HOME}"
            case "${words[CURRENT-1]}" in
                {{Alternatives(files)}}) _files; return ;;
                {{Alternatives(directories)}}) _files -/; return ;;
            esac
            local -a found
            found=(${(f)"$("$program" "[suggest:${#line}]" "$line" 2>/dev/null)"})
            compadd -- $found
            case "${words[2]}/${words[CURRENT]}" in
                */-*) ;;
                {{FilePatterns}}) _files ;;
            esac
        }
        if [ "$funcstack[1]" = "{{Function}}" ]; then {{Function}} "$@"; else compdef {{Function}} {{program}}; fi

        """;

    public string Fish() => $$"""
        # Completes {{program}} in fish. In ~/.config/fish/config.fish: {{program}} completion fish | source
        function _{{Function}}
            set -l words (commandline -opc)
            set -l word (commandline -ct)
            switch "$words[-1]"
                case {{string.Join(' ', files)}}
                    __fish_complete_path "$word"
                    return
                case {{string.Join(' ', directories)}}
                    __fish_complete_directories "$word"
                    return
            end
            set -l program (string replace -r '^~' $HOME -- $words[1])
            set -l line (string join ' ' -- {{program}} $words[2..-1] "$word")
            $program "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
            if not string match -q -- '-*' "$word"; and contains -- "$words[2]" {{string.Join(' ', fileCommands)}}
                __fish_complete_path "$word"
            end
        end
        complete -c {{program}} -f -a '(_{{Function}})'

        """;

    public string PowerShell() => $$"""
        # Completes {{program}} in PowerShell. In $PROFILE: {{program}} completion powershell | Out-String | Invoke-Expression
        Register-ArgumentCompleter -Native -CommandName '{{program}}', '{{program}}.exe' -ScriptBlock {
            param($word, $ast, $cursor)
            $words = @($ast.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursor } | ForEach-Object { $_.Extent.Text })
            $previous = $words[-1]
            $files = {{Quoted(files)}}
            $directories = {{Quoted(directories)}}
            $fileCommands = {{Quoted(fileCommands)}}
            $completeFile = { [System.Management.Automation.CompletionCompleters]::CompleteFilename($word) }
            if ($files -ccontains $previous) { & $completeFile; return }
            if ($directories -ccontains $previous) { & $completeFile | Where-Object ResultType -eq 'ProviderContainer'; return }
            $line = (@('{{program}}') + @($words | Select-Object -Skip 1) + $word) -join ' '
            & $ast.CommandElements[0].Value "[suggest:$($line.Length)]" $line 2>$null |
                Where-Object { $_ -clike "$word*" } |
                ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
            if ($words.Count -gt 1 -and $fileCommands -ccontains $words[1] -and $word -notlike '-*') { & $completeFile }
        }

        """;

    private static IEnumerable<Command> Below(Command command) => command.Subcommands.SelectMany(Below).Prepend(command);

    private static string[] Options(IEnumerable<Command> commands, string what)
    {
        IEnumerable<Option> options = commands.SelectMany(c => c.Options).Where(o => o.HelpName == what);
        return [.. options.SelectMany(o => o.Aliases.Prepend(o.Name)).Distinct().DefaultIfEmpty(Nothing)];
    }

    private static string Alternatives(IEnumerable<string> words) => string.Join('|', words);

    private static string Quoted(IEnumerable<string> words) => $"@({string.Join(", ", words.Select(w => $"'{w}'"))})";
}
