namespace RawEcho.Commands;

/// <summary>Finds the word that was probably meant by one that is unknown.</summary>
public static class Suggestion
{
    private const int LettersForEachMistake = 3;

    /// <summary>The known word that is nearest; null when none is near: at most one mistake for three letters.</summary>
    /// <param name="word">The unknown word.</param>
    /// <param name="known">The words that would do.</param>
    public static string? For(string word, IEnumerable<string> known)
    {
        int most = Math.Max(1, word.TrimStart('-').Length / LettersForEachMistake);
        return known.Select(k => (Word: k, Mistakes: Distance(word, k)))
            .Where(k => k.Mistakes <= most)
            .OrderBy(k => k.Mistakes).ThenBy(k => k.Word, StringComparer.Ordinal)
            .Select(k => k.Word)
            .FirstOrDefault();
    }

    // Letters that are wrong, missing, too many, or exchanged with their neighbour (optimal string alignment).
    private static int Distance(string a, string b)
    {
        int[,] distance = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++) distance[i, 0] = i;
        for (int j = 0; j <= b.Length; j++) distance[0, j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int wrong = a[i - 1] == b[j - 1] ? 0 : 1;
                int best = Math.Min(distance[i - 1, j] + 1, Math.Min(distance[i, j - 1] + 1, distance[i - 1, j - 1] + wrong));
                bool isExchanged = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                distance[i, j] = isExchanged ? Math.Min(best, distance[i - 2, j - 2] + 1) : best;
            }
        }

        return distance[a.Length, b.Length];
    }
}
