using System.Buffers.Binary;
using RawEcho.Client.Clocks;

namespace RawEcho.Client.UnitTests;

/// <summary>Answers of time servers, by RFC 5905.</summary>
public class SntpReplyTests
{
    private const ulong Nonce = 0x0123456789ABCDEF;

    [Fact]
    public void A_question_is_a_client_s_of_version_4_and_tells_nothing_of_this_machine()
    {
        byte[] question = SntpReply.Ask(Nonce);
        Assert.Equal(48, question.Length);
        Assert.Equal(0b00_100_011, question[0]);
        Assert.All(question[1..40], b => Assert.Equal(0, b));
        Assert.Equal(Nonce, BinaryPrimitives.ReadUInt64BigEndian(question.AsSpan(40)));
    }

    [Fact]
    public void A_good_answer_has_the_times_of_the_server()
    {
        // 2026-11-28 12:00:00 UTC, and half a second later.
        byte[] answer = Answer(seconds: 4_004_856_000);
        Assert.True(SntpReply.IsTo(answer, Nonce));
        Assert.Null(SntpReply.Read(answer, out (DateTimeOffset Received, DateTimeOffset Sent) times));
        Assert.Equal(new DateTimeOffset(2026, 11, 28, 12, 0, 0, TimeSpan.Zero), times.Received);
        Assert.Equal(TimeSpan.FromSeconds(0.5), times.Sent - times.Received);
    }

    [Fact]
    public void The_seconds_begin_again_in_2036()
    {
        Assert.Null(SntpReply.Read(Answer(seconds: 100), out (DateTimeOffset Received, DateTimeOffset Sent) times));
        Assert.Equal(new DateTimeOffset(2036, 2, 7, 6, 29, 56, TimeSpan.Zero), times.Received);
    }

    [Theory]
    [InlineData(0, 0b11_100_100, "not synchronized")]
    [InlineData(1, 16, "not synchronized")]
    [InlineData(1, 0, "kiss-o'-death RATE")]
    [InlineData(40, 0xFF, null)]
    [InlineData(41, 0, "no time")]
    public void An_answer_that_says_no_is_not_used(int at, byte value, string? why)
    {
        byte[] answer = Answer(seconds: 4_004_856_000);
        answer[at] = value;
        // The last two: the time of the answer lies after, and before, that of the question.
        string? problem = SntpReply.Read(answer, out _);
        if (why is null) Assert.Null(problem);
        else Assert.Contains(why, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_answer_to_the_question_is_told_apart()
    {
        byte[] answer = Answer(seconds: 4_004_856_000);
        Assert.False(SntpReply.IsTo(answer, Nonce + 1));
        Assert.False(SntpReply.IsTo(answer.AsSpan(0, 47), Nonce));
        // A client's packet, as an echo server sends it back.
        Assert.False(SntpReply.IsTo(SntpReply.Ask(Nonce), Nonce));
    }

    [Fact]
    public void The_letters_of_a_refusal_come_from_a_stranger()
    {
        byte[] answer = Answer(seconds: 4_004_856_000);
        answer[1] = 0;
        "\u001b[2J"u8.CopyTo(answer.AsSpan(12));
        Assert.Equal("the server refuses to tell the time (kiss-o'-death ??2J)", SntpReply.Read(answer, out _));
    }

    private static byte[] Answer(uint seconds)
    {
        byte[] answer = new byte[SntpReply.Length];
        answer[0] = 0b00_100_100;
        answer[1] = 2;
        "RATE"u8.CopyTo(answer.AsSpan(12));
        BinaryPrimitives.WriteUInt64BigEndian(answer.AsSpan(24), Nonce);
        BinaryPrimitives.WriteUInt32BigEndian(answer.AsSpan(32), seconds);
        BinaryPrimitives.WriteUInt32BigEndian(answer.AsSpan(40), seconds);
        BinaryPrimitives.WriteUInt32BigEndian(answer.AsSpan(44), 1u << 31);
        return answer;
    }
}
