using RawEcho.CommandLine;

namespace RawEcho.Client.Http.Tests.Support;

/// <summary>What a command of the client came to, run inside this process.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Standard output, without what is written to it as bytes.</param>
/// <param name="Errors">Standard error.</param>
internal sealed record ClientRun(int ExitCode, string Output, string Errors)
{
    /// <summary>Runs a command.</summary>
    public static async Task<ClientRun> RunAsync(params string[] arguments)
    {
        (TextWriter output, TextWriter error) = (Console.Out, Console.Error);
        using StringWriter toOutput = new(), toError = new();
        try
        {
            Console.SetOut(toOutput);
            Console.SetError(toError);
            int code = await EngineProgram.RunAsync(ClientCommand.Create(), "rawecho-client", ClientCommand.ExitCodes, arguments)
                .WaitAsync(TimeSpan.FromSeconds(90));
            return new ClientRun(code, toOutput.ToString(), toError.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }
    }

    /// <summary>Holds if the command ended so, and shows what it said if not.</summary>
    public ClientRun EndedWith(int code)
    {
        Assert.True(ExitCode == code, $"Exit code {ExitCode}, not {code}.{Environment.NewLine}{Output}{Environment.NewLine}{Errors}");
        return this;
    }

    /// <summary>Holds if standard error has one line, with these words in it.</summary>
    public ClientRun WithOneSentence(params string[] words)
    {
        string line = Assert.Single(Errors.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
        foreach (string word in words) Assert.Contains(word, line, StringComparison.Ordinal);
        return this;
    }
}
