using RawEcho.CommandLine;
using RawEcho.Terminal;

namespace RawEcho.Soak;

/// <summary>A run that says why it failed, and can be interrupted.</summary>
internal static class Attempt
{
    /// <summary>Runs it.</summary>
    /// <param name="run">The run; it is given what completes when it is asked to stop.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(Func<Task, Task> run)
    {
        using var stop = new StopSignal(onQuitKey: false);
        try
        {
            await run(stop.Asked);
        }
        catch (SoakException e)
        {
            Console.Out.WriteLine($"FAILED: {e.Message}");
            return SoakCommand.Failed;
        }

        if (!stop.Asked.IsCompleted) return ExitCode.Success;
        Console.Out.WriteLine($"Interrupted by {await stop.Asked}.");
        return ExitCode.Interrupted;
    }
}
