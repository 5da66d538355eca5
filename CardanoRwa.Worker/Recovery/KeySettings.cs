using CardanoRwa.Recovery;
using CardanoRwa.Recovery.Keys;

namespace CardanoRwa.Worker.Recovery;

/// <summary>Whom backups are sealed for, and who is here to open them.</summary>
internal sealed record KeySettings(IReadOnlyList<Recipient> Recipients, IReadOnlyList<Identity> Identities)
{
    public const string DevelopmentFile = "development-identity";

    public static async Task<Outcome<KeySettings>> ReadAsync(RecoveryOptions options, string? recoveryKey, bool needsRecipients, CancellationToken cancellationToken)
    {
        var identities = new List<Identity>();
        if (recoveryKey is not null)
        {
            if (Identity.FromPaper(recoveryKey).IsRefused(out var refusal, out var typed))
            {
                return refusal;
            }
            identities.Add(typed);
        }
        if (options.IdentityFile is { } file)
        {
            await MakeForDevelopmentAsync(file, cancellationToken);
            if ((await Identity.LoadAsync(file, cancellationToken)).IsRefused(out var refusal, out var loaded))
            {
                return refusal;
            }
            identities.Add(loaded);
        }

        var recipients = new List<Recipient>();
        foreach (var text in options.Recipients)
        {
            if (Recipient.Parse(text).IsRefused(out var refusal, out var recipient))
            {
                return refusal;
            }
            recipients.Add(recipient);
        }
        if (recipients.Count == 0)
        {
            recipients.AddRange(identities.Select(i => i.Recipient));
        }
        return recipients.Count == 0 && needsRecipients
            ? new RecoveryRefusal("key.none", "No key is configured, so nothing can be sealed.",
                "Make two with 'keys new', set Recovery:Recipients to their public keys, and keep the second one's paper in a safe.")
            : new KeySettings(recipients, identities);
    }

    private static async Task MakeForDevelopmentAsync(string file, CancellationToken cancellationToken)
    {
        if (Path.GetFileName(file) != DevelopmentFile || File.Exists(file))
        {
            return;
        }
        using var identity = Identity.New();
        // Another worker may have made it at the same moment: then its key counts.
        await identity.SaveAsync(file, cancellationToken);
    }
}
