using System.Text.Json;

namespace Dynamo.Testing;

/// <summary>What a plan said would happen, to be compared with the ring that came.</summary>
/// <remarks>The comparison walks the rings by itself: it shares no code with what made the plan.</remarks>
/// <param name="before">The owner of each partition when the plan was made.</param>
/// <param name="plan">The answer to POST /admin/cluster/plan.</param>
public sealed class PlanPromise(string[] before, JsonElement plan)
{
    private const int NVal = 3;

    /// <summary>Partitions that get another owner, as promised.</summary>
    public int PartitionsMoved => plan.GetProperty("partitions_moved").GetInt32();

    /// <summary>Replicas to be copied, as promised.</summary>
    public int ReplicasMoved => plan.GetProperty("replicas_moved").GetInt32();

    /// <summary>Every promise that the ring that came did not keep, a line each.</summary>
    /// <param name="after">The owner of each partition now.</param>
    public IReadOnlyList<string> Broken(string[] after)
    {
        var broken = new List<string>();
        var weights = 0;
        foreach (var node in plan.GetProperty("nodes").EnumerateArray()) weights += node.GetProperty("weight_next").GetInt32();
        foreach (var node in plan.GetProperty("nodes").EnumerateArray())
        {
            var name = node.GetProperty("name").GetString()!;
            Same($"{name}'s partitions before", node.GetProperty("partitions").GetInt32(), before.Count(o => o == name));
            var owned = after.Count(o => o == name);
            Same($"{name}'s partitions after", node.GetProperty("partitions_next").GetInt32(), owned);
            var share = (double)after.Length * node.GetProperty("weight_next").GetInt32() / weights;
            if (owned < (int)Math.Floor(share) || owned > (int)Math.Ceiling(share))
                broken.Add($"{name} owns {owned} partitions, and its share is {share:0.00}");
        }

        var named = plan.GetProperty("nodes").EnumerateArray().Select(static n => n.GetProperty("name").GetString()!);
        foreach (var stranger in after.Distinct().Except(named)) broken.Add($"{stranger} owns partitions and is not in the plan");
        Same("partitions moved", PartitionsMoved, before.Zip(after).Count(static pair => pair.First != pair.Second));
        CompareReplicas(after, Same, broken);
        return broken;

        void Same(string what, int promised, int came)
        {
            if (promised != came) broken.Add($"{what}: {promised} promised, {came} came");
        }
    }

    private void CompareReplicas(string[] after, Action<string, int, int> same, List<string> broken)
    {
        var gained = new Dictionary<string, int>();
        var couldGive = new Dictionary<(string From, string To), int>();
        for (var p = 0; p < after.Length; p++)
        {
            var held = Holders(before, p);
            foreach (var gainer in Holders(after, p).Except(held))
            {
                gained[gainer] = gained.GetValueOrDefault(gainer) + 1;
                foreach (var giver in held) couldGive[(giver, gainer)] = couldGive.GetValueOrDefault((giver, gainer)) + 1;
            }
        }

        var promised = new Dictionary<string, int>();
        foreach (var move in plan.GetProperty("moves").EnumerateArray())
        {
            var (from, to) = (move.GetProperty("from").GetString(), move.GetProperty("to").GetString()!);
            var replicas = move.GetProperty("replicas").GetInt32();
            promised[to] = promised.GetValueOrDefault(to) + replicas;
            if (from is not null && couldGive.GetValueOrDefault((from, to)) < replicas)
                broken.Add($"{from} was to give {to} {replicas} replicas and held {couldGive.GetValueOrDefault((from, to))} of what it gained");
        }

        same("replicas moved", ReplicasMoved, gained.Values.Sum());
        foreach (var node in gained.Keys.Union(promised.Keys))
            same($"replicas moved to {node}", promised.GetValueOrDefault(node), gained.GetValueOrDefault(node));
    }

    private static IEnumerable<string> Holders(string[] owners, int partition) => Enumerable
        .Range(partition, owners.Length).Select(p => owners[p % owners.Length]).Distinct().Take(NVal);
}
