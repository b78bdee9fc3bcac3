namespace RawEcho.Benchmarks;

/// <summary>One line that says what is under way: overwritten on a terminal, and not there in a file.</summary>
internal static class Progress
{
    private static int _shown;

    public static void Show(string text)
    {
        if (Console.IsErrorRedirected) return;
        Console.Error.Write($"\r{text.PadRight(_shown)}");
        _shown = text.Length;
    }

    public static void Clear()
    {
        if (Console.IsErrorRedirected) return;
        Console.Error.Write($"\r{new string(' ', _shown)}\r");
        _shown = 0;
    }
}
