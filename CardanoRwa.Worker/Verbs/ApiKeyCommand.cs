using System.CommandLine;
using CardanoRwa.Core.Auth;

namespace CardanoRwa.Worker.Verbs;

internal static class ApiKeyCommand
{
    private const string Actor = "operator:command-line";

    public static Command Create()
    {
        var command = new Command("apikey", "Makes, lists and revokes API keys.");
        command.Subcommands.Add(New());
        command.Subcommands.Add(List());
        command.Subcommands.Add(Revoke());
        return command;
    }

    private static Command New()
    {
        var name = new Option<string>("--name") { Required = true, Description = "What the key is called in the audit trail." };
        var roles = new Option<string[]>("--role") { Required = true, AllowMultipleArgumentsPerToken = true, Description = $"One or more of {string.Join(", ", Roles.All)}." };
        var days = new Option<int?>("--days") { Description = "Days until it expires; without it the key does not expire." };
        var command = new Command("create", "Makes a key and prints it once; only its hash is kept.") { name, roles, days };
        command.SetAction((parsed, cancellationToken) => WithStoreAsync(async store =>
        {
            var lifetime = parsed.GetValue(days) is { } count ? TimeSpan.FromDays(count) : (TimeSpan?)null;
            var result = await store.CreateAsync(Actor, parsed.GetRequiredValue(name), parsed.GetRequiredValue(roles), lifetime, cancellationToken);
            if (result.IsRefused(out var refusal, out var key))
            {
                return WorkerCommands.Report(refusal);
            }
            Console.WriteLine(key);
            return 0;
        }));
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "Lists the keys: name, roles, made, expires, revoked.");
        command.SetAction((_, cancellationToken) => WithStoreAsync(async store =>
        {
            foreach (var key in await store.ListAsync(cancellationToken))
            {
                Console.WriteLine($"{key.Name}\t{string.Join(',', key.Roles)}\t{key.CreatedAt:u}\t{key.ExpiresAt?.ToString("u") ?? "-"}\t{key.RevokedAt?.ToString("u") ?? "-"}");
            }
            return 0;
        }));
        return command;
    }

    private static Command Revoke()
    {
        var name = new Option<string>("--name") { Required = true };
        var command = new Command("revoke", "Ends a key; it stops working within half a minute.") { name };
        command.SetAction((parsed, cancellationToken) => WithStoreAsync(async store =>
            (await store.RevokeAsync(Actor, parsed.GetRequiredValue(name), cancellationToken)).IsRefused(out var refusal, out _) ? WorkerCommands.Report(refusal) : 0));
        return command;
    }

    private static async Task<int> WithStoreAsync(Func<ApiKeyStore, Task<int>> action)
    {
        using var host = WorkerCommands.Host();
        await using var scope = host.Services.CreateAsyncScope();
        return await action(scope.ServiceProvider.GetRequiredService<ApiKeyStore>());
    }
}
