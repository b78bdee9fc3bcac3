namespace RawEcho.Engine.Certificates;

/// <summary>Thrown when a certificate or key file is of no use; the message is one sentence that names the file and what to do.</summary>
public sealed class CertificateFileException : IOException
{
    /// <summary>Makes one.</summary>
    /// <param name="file">The file.</param>
    /// <param name="problem">What is wrong and what to do, without the file's name.</param>
    /// <param name="cause">What the platform said.</param>
    public CertificateFileException(string file, string problem, Exception? cause = null)
        : base($"{file}: {problem}", cause) => File = file;

    /// <summary>The file.</summary>
    public string File { get; }
}
