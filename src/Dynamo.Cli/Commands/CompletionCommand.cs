using System.CommandLine;

namespace Dynamo.Cli.Commands;

/// <summary><c>dynamo completion</c>.</summary>
internal static class CompletionCommand
{
    private const string Summary = "Prints what makes a shell complete dynamo's commands and options.";

    private const string Lesson = """
        The shell asks dynamo itself, so what it offers is always what this version knows.

        Examples:
          source <(dynamo completion bash)          add the line to ~/.bashrc to keep it
          source <(dynamo completion zsh)           the same in ~/.zshrc
          dynamo completion fish | source
          dynamo completion pwsh | Out-String | Invoke-Expression
        """;

    private const string Bash = """
        _dynamo_complete() {
          local IFS=$'\n' word="${COMP_WORDS[COMP_CWORD]}" kind='^[^-/]'
          [[ "$word" == -* ]] && kind='^--'
          COMPREPLY=($(compgen -W "$(dynamo "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null | grep -e "$kind")" -- "$word"))
        }
        complete -o default -F _dynamo_complete dynamo
        """;

    private const string Zsh = """
        _dynamo() {
          local completions=("${(@f)$(dynamo "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
          compadd -a completions
        }
        compdef _dynamo dynamo
        """;

    private const string Fish = """
        complete -c dynamo -f -a '(dynamo "[suggest:"(commandline -C)"]" (commandline -cp) 2>/dev/null)'
        """;

    private const string PowerShell = """
        Register-ArgumentCompleter -Native -CommandName dynamo -ScriptBlock {
          param($word, $line, $position)
          dynamo "[suggest:$position]" "$line" 2>$null | Where-Object { $_ -like "$word*" } |
            ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
        }
        """;

    public static Command Create(Session session)
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh, fish or pwsh." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish", "pwsh");
        var command = new TaughtCommand("completion", Summary, Lesson, asksNodes: false) { shell };
        command.SetAction(parse => session.Terminal.Text.WriteLine(parse.GetValue(shell) switch
        {
            "bash" => Bash,
            "zsh" => Zsh,
            "fish" => Fish,
            _ => PowerShell,
        }));
        return command;
    }
}
