using System.Globalization;
using RawEcho.Diagnostics.Proc;

namespace RawEcho.Diagnostics.Attach;

/// <summary>The user that runs a process, on Linux.</summary>
internal static class Users
{
    private const string Accounts = "/etc/passwd";

    /// <summary>The user's number: the effective one, which decides on the permission to attach. Null when the process is gone.</summary>
    public static int? NumberOf(int pid) =>
        ProcStatus.Of(pid)?.Words("Uid") is [_, var effective, ..] ? int.Parse(effective, CultureInfo.InvariantCulture) : null;

    /// <summary>The user's name, or the number where it has none. Null when the process is gone.</summary>
    public static string? NameOf(int pid)
    {
        if (NumberOf(pid) is not { } number) return null;
        string wanted = number.ToString(CultureInfo.InvariantCulture);
        return ProcFile.Read(Accounts)?.Split('\n').Select(l => l.Split(':')).FirstOrDefault(f => f.Length > 2 && f[2] == wanted)?[0]
            ?? wanted;
    }

    /// <summary>Whether this program may look into a process.</summary>
    public static bool MayLookInto(int pid) => Environment.IsPrivilegedProcess || NumberOf(pid) == NumberOf(Environment.ProcessId);
}
