using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;

namespace RawEcho.Packages.Tests.Support;

/// <summary>What lies in a package.</summary>
internal sealed class Package : IDisposable
{
    private readonly ZipArchive _archive;
    private readonly XElement _metadata;

    private Package(string file)
    {
        _archive = ZipFile.OpenRead(file);
        string nuspec = Names.Single(n => n.EndsWith(".nuspec", StringComparison.Ordinal));
        _metadata = XDocument.Load(new MemoryStream(Read(nuspec))).Root!.Elements().Single(e => e.Name.LocalName == "metadata");
    }

    public IEnumerable<string> Names => _archive.Entries.Select(e => e.FullName);

    /// <summary>The assemblies of this repository, and not those of the libraries that a tool brings with it.</summary>
    public IEnumerable<string> OwnAssemblies => Names.Where(n =>
        n.EndsWith(".dll", StringComparison.Ordinal) && Path.GetFileName(n).StartsWith("rawecho", StringComparison.OrdinalIgnoreCase));

    public IEnumerable<string> Dependencies => Elements("dependency").Select(e => e.Attribute("id")!.Value);

    public static async Task<Package> OpenAsync(PackageFeed feed, string package) => new(await feed.FileAsync(package));

    /// <summary>Elements of the metadata, however deep, whichever namespace.</summary>
    public IEnumerable<XElement> Elements(string name) => _metadata.Descendants().Where(e => e.Name.LocalName == name);

    /// <summary>A text of the metadata; empty where there is none.</summary>
    public string Metadata(string name) => Elements(name).SingleOrDefault()?.Value ?? string.Empty;

    public byte[] Read(string name)
    {
        using Stream stream = _archive.GetEntry(name)!.Open();
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    /// <summary>The source files that the symbols of an assembly name; null without embedded symbols.</summary>
    public IReadOnlyList<string>? Sources(string assembly)
    {
        using var image = new PEReader(new MemoryStream(Read(assembly)));
        DebugDirectoryEntry symbols = image.ReadDebugDirectory()
            .SingleOrDefault(e => e.Type == DebugDirectoryEntryType.EmbeddedPortablePdb);
        if (symbols.DataSize == 0) return null;
        using MetadataReaderProvider provider = image.ReadEmbeddedPortablePdbDebugDirectoryData(symbols);
        MetadataReader reader = provider.GetMetadataReader();
        return [.. reader.Documents.Select(d => reader.GetString(reader.GetDocument(d).Name))];
    }

    public void Dispose() => _archive.Dispose();
}
