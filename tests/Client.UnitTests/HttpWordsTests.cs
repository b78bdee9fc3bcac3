using System.Text;
using RawEcho.Client.Get;
using RawEcho.Client.Http;
using RawEcho.Client.Results;
using RawEcho.Client.Targets;

namespace RawEcho.Client.UnitTests;

/// <summary>URLs, headers and statuses as a command line has them, and bodies as a terminal may show them.</summary>
public class HttpWordsTests
{
    [Theory]
    [InlineData("https://host", "host", 443, "https://host/")]
    [InlineData("http://host:8080/a?b=c#d", "host", 8080, "http://host:8080/a?b=c")]
    [InlineData("HTTPS://Host.Example/%20", "host.example", 443, "https://host.example/%20")]
    [InlineData("https://[::1]:8443/", "::1", 8443, "https://[::1]:8443/")]
    [InlineData("http://127.0.0.1", "127.0.0.1", 80, "http://127.0.0.1/")]
    [InlineData("https://bücher.example/", "xn--bcher-kva.example", 443, "https://bücher.example/")]
    public void A_URL_is_host_port_and_location(string word, string host, int port, string text)
    {
        Assert.True(HttpUrl.TryParse(word, out HttpUrl? url, out string? problem), problem);
        Assert.Equal((host, port), (url.Address.Host, url.Address.Port));
        Assert.Equal(text, url.ToString());
        Assert.Equal(word.StartsWith("https", StringComparison.OrdinalIgnoreCase), url.IsTls);
    }

    [Theory]
    [InlineData("")]
    [InlineData("host")]
    [InlineData("://host/")]
    [InlineData("https//host/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("https:///path")]
    [InlineData("https://host:-1/")]
    [InlineData("https://host:x/")]
    [InlineData("https://[::1/")]
    [InlineData("https://ho\u0007st/")]
    [InlineData("https://user@host/")]
    public void What_is_no_URL_gets_a_reason(string word)
    {
        Assert.False(HttpUrl.TryParse(word, out _, out string? problem));
        Assert.NotEmpty(problem);
    }

    [Fact]
    public void Whatever_a_user_types_throws_nothing()
    {
        var random = new Random(13);
        const string letters = "htps:/[]@.?#%0 9a\u00e4\u0000-";
        for (int i = 0; i < 20_000; i++)
        {
            string word = string.Concat(Enumerable.Range(0, random.Next(30)).Select(_ => letters[random.Next(letters.Length)]));
            if (random.Next(2) == 0) word = "https://" + word;
            _ = HttpUrl.TryParse(word, out _, out _);
            _ = RequestHeader.TryParse(word, out _);
        }
    }

    [Theory]
    [InlineData("Accept: text/plain", "Accept", "text/plain")]
    [InlineData("X-Empty:", "X-Empty", "")]
    [InlineData("Host:  other:1 ", "Host", "other:1")]
    public void A_header_is_a_name_and_a_value(string line, string name, string value)
    {
        Assert.Null(RequestHeader.TryParse(line, out RequestHeader? header));
        Assert.Equal((name, value), (header!.Name, header.Value));
    }

    [Theory]
    [InlineData("Accept")]
    [InlineData(": x")]
    [InlineData("A b: x")]
    [InlineData("X: a\r\nY: b")]
    [InlineData("X: \u00fc")]
    [InlineData("transfer-encoding: chunked")]
    [InlineData("Connection: close")]
    public void What_is_no_header_gets_a_reason(string line) => Assert.NotNull(RequestHeader.TryParse(line, out _));

    [Theory]
    [InlineData("status=200", 200, true)]
    [InlineData("status!=200", 200, false)]
    [InlineData("status<500", 499, true)]
    [InlineData("status<=500", 501, false)]
    [InlineData("status>499", 500, true)]
    [InlineData("status>=500", 499, false)]
    public void A_rule_includes_statuses(string text, int status, bool included)
    {
        Assert.True(StatusRule.TryParse(text, out StatusRule? rule));
        Assert.Equal(included, rule.Includes(status));
    }

    [Fact]
    public void Statuses_of_several_machines_add_up()
    {
        HttpResult merged = HttpResult.Merge(
        [
            new HttpResult([new StatusResult(200, 5), new StatusResult(503, 1)], 10, 20),
            new HttpResult([new StatusResult(200, 7), new StatusResult(404, 2)], 5, 15),
            new HttpResult([], null, null),
        ]);
        Assert.Equal([new StatusResult(200, 12), new StatusResult(404, 2), new StatusResult(503, 1)], merged.Statuses);
        Assert.Equal((5, 20), (merged.SmallestBody, merged.LargestBody));
    }

    [Theory]
    [InlineData("plain\ttext\r\nand \u00e4\u20ac\n", "plain\ttext\r\nand \u00e4\u20ac\n", 0)]
    [InlineData("\u001b[2Jred\u0000\u007f\rback", "?[2Jred???back", 4)]
    [InlineData("a\u009bb", "a??b", 1)]
    public void What_could_steer_a_terminal_is_replaced(string body, string shown, int replaced)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        Assert.Equal(replaced, ConsoleBody.MakeHarmless(bytes));
        Assert.Equal(shown, Encoding.UTF8.GetString(bytes));
    }
}
