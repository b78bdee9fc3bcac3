namespace RawEcho.Engine.Certificates;

/// <summary>Why a block of PEM (RFC 7468) cannot be read.</summary>
public enum PemProblem
{
    /// <summary>Nothing is wrong with it.</summary>
    None = 0,

    /// <summary>It begins and does not end: the file is cut off.</summary>
    CutOff,

    /// <summary>It begins, and another block begins before it ends.</summary>
    NotEnded,

    /// <summary>It ends as a block of another kind.</summary>
    OtherEnd,

    /// <summary>It ends without having begun.</summary>
    NotBegun,

    /// <summary>Its line of beginning or end is not as it must be, such as with four hyphens.</summary>
    BadMarker,

    /// <summary>It begins on the line on which the one before ends: a line break is missing.</summary>
    NoLineBreak,

    /// <summary>It begins behind other text on its line.</summary>
    BehindText,

    /// <summary>Its line breaks are the two characters \n, as in JSON or an environment variable.</summary>
    EscapedLineBreaks,

    /// <summary>What stands in it is not base64.</summary>
    BadBase64,

    /// <summary>Nothing stands in it.</summary>
    Empty,
}
