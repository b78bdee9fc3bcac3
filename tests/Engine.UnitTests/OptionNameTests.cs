using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;

namespace RawEcho.Engine.UnitTests;

/// <summary>The library reports problems as values: what a program's options are called is no business of its own.</summary>
public partial class OptionNameTests
{
    [Fact]
    public void No_string_of_the_library_names_an_option_of_a_command_line()
    {
        string[] all = [.. UserStrings(typeof(Connection).Assembly.Location)];
        // Were the heap read wrongly, nothing would be found in it.
        Assert.Contains(all, s => s.Contains("no such file", StringComparison.Ordinal));
        Assert.DoesNotContain(all, s => OptionName().IsMatch(s));
    }

    [Theory]
    [InlineData("--key", true)]
    [InlineData("name its key with --key.", true)]
    [InlineData("no list (--crl)", true)]
    [InlineData("'--policy legacy'", true)]
    [InlineData("-----BEGIN CERTIFICATE-----", false)]
    [InlineData("read -- write", false)]
    public void An_option_is_told_from_other_dashes(string text, bool isOption) => Assert.Equal(isOption, OptionName().IsMatch(text));

    // The heap of the string literals (ECMA-335, II.24.2.4).
    private static IEnumerable<string> UserStrings(string file)
    {
        using var image = new PEReader(File.OpenRead(file));
        MetadataReader metadata = image.GetMetadataReader();
        if (metadata.GetHeapSize(HeapIndex.UserString) == 0) yield break;
        for (UserStringHandle at = MetadataTokens.UserStringHandle(1); !at.IsNil; at = metadata.GetNextHandle(at))
            yield return metadata.GetUserString(at);
    }

    [GeneratedRegex("""(^|[ "'(])--[a-z]""")]
    private static partial Regex OptionName();
}
