namespace RawEcho.Diagnostics.Proc;

/// <summary>Files of proc(5). A process may end, or be another user's, between any two reads: both are null, and no error.</summary>
internal static class ProcFile
{
    public static string? Read(int pid, string name) => Read($"/proc/{pid}/{name}");

    public static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (IsGoneOrForbidden(e))
        {
            return null;
        }
    }

    /// <summary>What the directory holds; empty when it is gone or may not be read.</summary>
    public static string[] List(int pid, string name)
    {
        try
        {
            return Directory.GetFileSystemEntries($"/proc/{pid}/{name}");
        }
        catch (Exception e) when (IsGoneOrForbidden(e))
        {
            return [];
        }
    }

    /// <summary>Where a link of a process leads; null when it is gone or may not be read.</summary>
    public static string? Link(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception e) when (IsGoneOrForbidden(e))
        {
            return null;
        }
    }

    // A process that ends while its file is read gives ESRCH, which is an IOException as well.
    private static bool IsGoneOrForbidden(Exception e) => e is IOException or UnauthorizedAccessException;
}
