using RawEcho.Engine.Transport;

namespace RawEcho.Engine.UnitTests;

public class DatalessBudgetTests
{
    [Theory]
    [InlineData(23, 1)]
    [InlineData(90, 1)]
    [InlineData(122, 100)]
    [InlineData(16_645, 1)]
    [InlineData(65_668, 65_536)]
    public void Data_pays_for_its_own_records_for_ever(int received, int data)
    {
        var budget = new DatalessBudget();
        for (long sweep = 1; sweep <= 1000; sweep++) Assert.Equal(0, budget.Observe(sweep * received, sweep, sweep * data));
    }

    [Fact]
    public void Many_small_records_in_one_read_pay_for_themselves()
    {
        // 700 records of one byte each, taken in by one read.
        Assert.Equal(0, new DatalessBudget().Observe(received: 700 * 23, reads: 1, data: 700));
    }

    [Fact]
    public void Records_without_data_add_up_until_data_comes()
    {
        var budget = new DatalessBudget();
        Assert.Equal(27_000, budget.Observe(27_000, 0, 0));
        Assert.Equal(54_000, budget.Observe(54_000, 0, 0));
        Assert.Equal(54_000, budget.Observe(54_000, 0, 0));
        Assert.InRange(budget.Observe(54_123, 1, 100), 1, 53_999);
        Assert.Equal(0, budget.Observe(54_123, 5, 5000));
    }
}
