using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace CardanoRwa.LoadTest;

internal static class AbCommand
{
    public static Command Create()
    {
        var a = new Option<Uri?>("--a") { CustomParser = CommonOptions.Parse, Description = "The one that is compared with; without it the bare constant server, started here." };
        var b = CommonOptions.Address("--b", "The one in question.");
        var path = new Option<string>("--path") { DefaultValueFactory = _ => "/api/v1/assets?limit=20", Description = "What is asked for; {asset} is an id of the listing." };
        var pathA = new Option<string?>("--path-a") { Description = "Where it is another one at A." };
        var body = new Option<string?>("--body") { Description = "JSON to POST, {n} being a number used once; without it GET." };
        var expect = new Option<int>("--expect") { DefaultValueFactory = _ => 0, Description = "Status of success; 200, and 201 for a POST, unless said." };
        var users = new Option<int>("--users") { DefaultValueFactory = _ => 32, Description = "Connections." };
        var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 9, Description = "Of each." };
        var seconds = new Option<int>("--seconds") { DefaultValueFactory = _ => 3, Description = "Each of them." };
        var json = new Option<FileInfo?>("--json") { Description = "Where the result is written." };
        var command = new Command("ab", "Measures two servers in turns and tells whether B is better, the same or worse, by the guide's 5 %.") { a, b, path, pathA, body, expect, users, rounds, seconds, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var constant = parsed.GetValue(a) is null ? await ConstantServer.StartAsync(cancellationToken) : null;
            var model = Model(parsed.GetValue(path)!, parsed.GetValue(body), parsed.GetValue(expect));
            var beside = parsed.GetValue(pathA) is { } other ? model with { Path = other } : model;
            var (one, two) = (constant is null ? CommonOptions.Of(parsed.GetValue(a)!) : new Target(constant.Address, null, null), CommonOptions.Of(parsed.GetValue(b)!));
            if (constant is not null)
            {
                beside = new RequestModel("GET", "/", 200);
            }
            var result = await new Rounds(
                await Contender.PrepareAsync(one, beside, cancellationToken), await Contender.PrepareAsync(two, model, cancellationToken), parsed.GetValue(users), parsed.GetValue(seconds), parsed.GetValue(seconds)).RunAsync(
                parsed.GetValue(rounds), (round, x, y) => AnsiConsole.MarkupLineInterpolated($"round {round}: A {x:0}, B {y:0} a second, {y / x:0.000}"), cancellationToken);
            AnsiConsole.MarkupLineInterpolated($"[bold]{result.Verdict}[/]: B / A = {result.Ratio:0.000}, with 95 % from {result.Low:0.000} to {result.High:0.000}");
            if (parsed.GetValue(json) is { } file)
            {
                await File.WriteAllTextAsync(file.FullName, JsonSerializer.Serialize(result, LoadJson.Default.Comparison) + "\n", cancellationToken);
            }
            return result.Verdict == "worse" && constant is null ? 4 : 0;
        });
        return command;
    }

    private static RequestModel Model(string path, string? body, int expect) => body is null
        ? new RequestModel("GET", path, expect == 0 ? 200 : expect)
        : new RequestModel("POST", path, expect == 0 ? 201 : expect, (JsonObject)JsonNode.Parse(body)!);
}
