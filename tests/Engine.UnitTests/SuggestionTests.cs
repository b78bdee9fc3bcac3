using RawEcho.Commands;

namespace RawEcho.Engine.UnitTests;

/// <summary>The word that was probably meant is near, or there is none.</summary>
public class SuggestionTests
{
    private static readonly string[] Known = ["--clients", "--cert", "--ca", "--server", "--server-name", "--size", "probe"];

    [Theory]
    [InlineData("--claents", "--clients")]
    [InlineData("--sever", "--server")]
    [InlineData("--servername", "--server-name")]
    [InlineData("--ac", "--ca")]
    [InlineData("prboe", "probe")]
    [InlineData("--bogus", null)]
    [InlineData("--x", null)]
    [InlineData("", null)]
    public void The_nearest_word_is_found(string word, string? meant) => Assert.Equal(meant, Suggestion.For(word, Known));
}
