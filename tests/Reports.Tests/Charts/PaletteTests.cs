using System.Globalization;
using RawEcho.Charts.Rendering;

namespace RawEcho.Reports.Tests.Charts;

/// <summary>
/// The colours by numbers: contrast as WCAG 2.2 computes it, and distance as people with each kind of colour blindness see it.
/// </summary>
public class PaletteTests
{
    // Machado, Oliveira, Fernandes 2009, severity 1.0, for linear RGB.
    private static readonly Dictionary<string, double[]> Sight = new()
    {
        ["normal"] = [1, 0, 0, 0, 1, 0, 0, 0, 1],
        ["protanopia"] = [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
        ["deuteranopia"] = [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881],
        ["tritanopia"] = [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.303900],
    };

    public static TheoryData<string, bool> Cases
    {
        get
        {
            var cases = new TheoryData<string, bool>();
            foreach (string sight in Sight.Keys)
            {
                cases.Add(sight, false);
                cases.Add(sight, true);
            }

            return cases;
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_line_stands_out_from_the_page(bool dark)
    {
        foreach (string color in dark ? Palette.Dark : Palette.Light)
            Assert.True(
                Contrast(color, dark ? Palette.DarkPage : Palette.LightPage) >= 3,
                $"{color} has a contrast of {Contrast(color, dark ? Palette.DarkPage : Palette.LightPage):0.00}.");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void No_two_lines_look_alike(string sight, bool dark)
    {
        // About 2.3 is a difference that can just be seen; lines are thin, so they get several times that.
        const double enough = 12;
        string[] colors = dark ? Palette.Dark : Palette.Light;
        for (int a = 0; a < colors.Length; a++)
        {
            for (int b = a + 1; b < colors.Length; b++)
            {
                double distance = Distance(Lab(colors[a], Sight[sight]), Lab(colors[b], Sight[sight]));
                Assert.True(distance >= enough, $"{colors[a]} and {colors[b]} are {distance:0.0} apart with {sight} sight.");
            }
        }
    }

    private static double Contrast(string a, string b)
    {
        double[] light = [.. new[] { Luminance(a), Luminance(b) }.OrderDescending()];
        return (light[0] + 0.05) / (light[1] + 0.05);
    }

    private static double Luminance(string color)
    {
        double[] rgb = Linear(color);
        return (0.2126 * rgb[0]) + (0.7152 * rgb[1]) + (0.0722 * rgb[2]);
    }

    private static double[] Linear(string color) =>
    [
        .. Enumerable.Range(0, 3)
            .Select(i => int.Parse(color.AsSpan(1 + (2 * i), 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) / 255.0)
            .Select(c => c <= 0.04045 ? c / 12.92 : Math.Pow((c + 0.055) / 1.055, 2.4)),
    ];

    private static double[] Lab(string color, double[] sight)
    {
        double[] c = Linear(color);
        double[] s = [.. Enumerable.Range(0, 3).Select(i => Math.Clamp(Row(3 * i), 0, 1))];
        double x = F(((0.4124 * s[0]) + (0.3576 * s[1]) + (0.1805 * s[2])) / 0.95047);
        double y = F((0.2126 * s[0]) + (0.7152 * s[1]) + (0.0722 * s[2]));
        double z = F(((0.0193 * s[0]) + (0.1192 * s[1]) + (0.9505 * s[2])) / 1.08883);
        return [(116 * y) - 16, 500 * (x - y), 200 * (y - z)];

        double Row(int first) => (sight[first] * c[0]) + (sight[first + 1] * c[1]) + (sight[first + 2] * c[2]);

        static double F(double t) => t > 0.008856 ? Math.Cbrt(t) : (7.787 * t) + (16.0 / 116);
    }

    private static double Distance(double[] a, double[] b) => Math.Sqrt(a.Zip(b, (x, y) => (x - y) * (x - y)).Sum());
}
