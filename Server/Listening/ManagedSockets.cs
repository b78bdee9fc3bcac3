using System.Globalization;
using System.Net.Sockets;
using RawEcho.CommandLine;
using RawEcho.Engine.Transport;

namespace RawEcho.Server.Listening;

/// <summary>
/// Sockets that a service manager has opened for this process (systemd.socket(5), sd_listen_fds(3)): it goes on listening while the service
/// is restarted, and connections wait in the socket for the next process.
/// </summary>
internal static class ManagedSockets
{
    private const string ProcessVariable = "LISTEN_PID";
    private const string CountVariable = "LISTEN_FDS";
    private const string NamesVariable = "LISTEN_FDNAMES";

    // SD_LISTEN_FDS_START
    private const int First = 3;
    private const int Most = 253;

    // What systemd calls a socket without FileDescriptorName=: by its unit, or by nothing.
    private const string UnitSuffix = ".socket";
    private const string Unnamed = "unknown";

    /// <summary>Takes the sockets that were passed to this process, and the variables away that say so.</summary>
    /// <returns>None where none were passed, or where they are for another process.</returns>
    /// <exception cref="CommandException">The variables make no sense, or a descriptor is no TCP socket that listens.</exception>
    public static IReadOnlyList<ServerSocket> Take()
    {
        if (OperatingSystem.IsWindows()) return [];
        string? process = TakeVariable(ProcessVariable), count = TakeVariable(CountVariable), names = TakeVariable(NamesVariable);
        if (process is null || count is null) return [];
        if (Number(ProcessVariable, process, int.MaxValue) != Environment.ProcessId) return [];
        int passed = Number(CountVariable, count, Most);
        string[] name = names?.Split(':') ?? [.. Enumerable.Repeat(Unnamed, passed)];
        if (name.Length != passed)
        {
            throw new CommandException(
                ExitCode.Usage, $"{CountVariable} says {passed} sockets, and {NamesVariable} has names for {name.Length}: '{names}'.");
        }

        return [.. name.Select((n, i) => Take(First + i, n))];
    }

    private static ServerSocket Take(int descriptor, string name)
    {
        bool hasNoName = name == Unnamed || name.EndsWith(UnitSuffix, StringComparison.Ordinal);
        SocketUse use = SocketUse.Echo;
        if (!hasNoName && !ServerSocket.TryParseUse(name, out use))
        {
            throw new CommandException(
                ExitCode.Usage,
                $"{NamesVariable} has a socket named '{name}': the names are echo, http and admin (FileDescriptorName= in the unit).");
        }

        try
        {
            return new ServerSocket(use, ListeningSocket.FromDescriptor(descriptor, owns: true));
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            throw new CommandException(ExitCode.Network, $"{CountVariable}: the service manager has passed no such socket. {e.Message}");
        }
    }

    private static int Number(string variable, string text, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= most
            ? number
            : throw new CommandException(ExitCode.Usage, $"{variable} is a number up to {most}, not '{text}'.");

    // A process that this one starts is not to take them for its own.
    private static string? TakeVariable(string name)
    {
        string? value = Environment.GetEnvironmentVariable(name);
        Environment.SetEnvironmentVariable(name, null);
        return value;
    }
}
