using System.Buffers;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace RawEcho.Charts.Rendering;

/// <summary>
/// Turns a <see cref="ReportPage"/> into one HTML file that opens from disk: no network, no other file. It is static; a short script adds
/// values under the pointer. All text is escaped, and a Content-Security-Policy lets nothing run or load but what this library wrote.
/// </summary>
public static class PageRenderer
{
    private static readonly string Style = $"{Palette.Css}\n{Resource("report.css")}";
    private static readonly string Script = Resource("report.js");

    // Nothing is fetched, and only this style and this script count, even if an escape were ever forgotten.
    private static readonly string Policy =
        $"default-src 'none'; base-uri 'none'; form-action 'none'; style-src {Hash(Style)}; script-src {Hash(Script)}";

    // What a live page gets comes from where the page came from.
    private static readonly string LivePolicy = $"{Policy}; connect-src 'self'";

    /// <summary>The page as HTML.</summary>
    public static string ToHtml(this ReportPage page)
    {
        var html = new MarkupWriter();
        html.Raw("<!DOCTYPE html>");
        html.Open("html", ("lang", "en"));
        WriteHead(html, page);
        html.Open("body").Open("main");
        html.Open("header");
        html.Element("h1", page.Title);
        html.Element("p", page.Lead, ("class", "lead"));
        html.Close();
        html.Open("div", ("id", "sections"));
        WriteSections(html, page);
        html.Close();
        html.Open("footer");
        string written = page.Written.ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);
        html.Element(
            "p", $"Written by {page.Generator} on {written}. The data stands in this page as JSON (the script element with id \"data\").");
        html.Close();
        html.Close();
        html.Open("script", ("type", "application/json"), ("id", "data"), ("data-live", page.LiveSource));
        html.Raw(PageData.Of(page));
        html.Close();
        html.Open("script");
        html.Raw(Script);
        html.Close();
        html.Close();
        html.Close();
        html.Raw("\n");
        return html.ToString();
    }

    /// <summary>
    /// The sections of a page and its data as one JSON object, for a page that is open: see <see cref="ReportPage.LiveSource"/>.
    /// </summary>
    public static string ToLiveUpdate(this ReportPage page)
    {
        var html = new MarkupWriter();
        WriteSections(html, page);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("lead", page.Lead);
            json.WriteString("html", html.ToString());
            json.WritePropertyName("data");
            json.WriteRawValue(PageData.Of(page));
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Writes the page as UTF-8, and overwrites an existing file.</summary>
    /// <exception cref="IOException">The file cannot be written; the message names it.</exception>
    /// <exception cref="UnauthorizedAccessException">Access to the file is denied.</exception>
    public static void Save(this ReportPage page, string path) =>
        File.WriteAllText(path, page.ToHtml(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));

    private static void WriteSections(MarkupWriter html, ReportPage page)
    {
        var sections = new SectionRenderer(html);
        foreach (PageSection section in page.Sections) sections.Write(section);
    }

    private static void WriteHead(MarkupWriter html, ReportPage page)
    {
        html.Open("head");
        html.Void("meta", ("charset", "utf-8"));
        html.Void("meta", ("http-equiv", "Content-Security-Policy"), ("content", page.LiveSource is null ? Policy : LivePolicy));
        html.Void("meta", ("name", "viewport"), ("content", "width=device-width, initial-scale=1"));
        html.Void("meta", ("name", "color-scheme"), ("content", "light dark"));
        html.Void("meta", ("name", "generator"), ("content", page.Generator));
        html.Element("title", page.Title);
        html.Open("style");
        html.Raw(Style);
        html.Close();
        html.Close();
    }

    private static string Hash(string content) => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(content)))}'";

    private static string Resource(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The resource {name} is missing from the assembly.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        // A browser sees \n, whatever the checkout made of it, and the policy's hash is over what it sees.
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
