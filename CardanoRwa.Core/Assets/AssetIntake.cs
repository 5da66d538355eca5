using System.Diagnostics;
using CardanoRwa.Core.Caching;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Writes;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CardanoRwa.Core.Assets;

/// <summary>
/// Registers assets, those of one moment in one transaction: who waits is answered when it is committed. What could not be done together, for whatever
/// reason, each does alone by <see cref="RegistryWriter"/>, which first asks whether the common attempt was committed after all.
/// </summary>
public sealed class AssetIntake
{
    private const int Lanes = 2;
    private const int Most = 100;
    // Two rounds at once wait for the same disk: one of all who wait costs it one wait, and most of the processor's time is a round's, not an asset's.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(25);
    private readonly Gathering<Registration> _registrations;
    private readonly IServiceScopeFactory _scopes;
    private readonly TimeProvider _clock;
    private readonly Lazy<IModel> _model;

    public AssetIntake(RegistrySource source, RegistryChanges changes, IServiceScopeFactory scopes, TimeProvider clock, ILogger<AssetIntake> logger)
    {
        (_scopes, _clock) = (scopes, clock);
        _model = new(() =>
        {
            using var scope = scopes.CreateScope();
            return scope.ServiceProvider.GetRequiredService<RwaDbContext>().Model;
        });
        _registrations = new(Lanes, Most, () => new IntakeWorker(source, changes, logger), Patience);
    }

    /// <param name="request">Who asks, under which key.</param>
    /// <param name="input">Checked.</param>
    /// <param name="present">Turns the asset into the answer, before the commit.</param>
    /// <param name="cancellationToken">Stops waiting; what is under way is not undone by it.</param>
    public async Task<Result<WriteResponse>> RegisterAsync(WriteRequest request, CreateAsset input, Func<Asset, WriteResponse> present, CancellationToken cancellationToken)
    {
        var stamp = ChangeStamp.Create(request.Actor, _clock);
        var (asset, valuation) = AssetRegistry.New(input, stamp);
        var registration = new Registration(request, stamp, asset, valuation, present(asset), _model.Value);
        _registrations.Add(registration);
        var outcome = await registration.Task.WaitAsync(cancellationToken);
        DatabaseTime.Add(registration.Took);
        if (outcome is { } done)
        {
            return done;
        }
        await using var scope = _scopes.CreateAsyncScope();
        var registry = scope.ServiceProvider.GetRequiredService<AssetRegistry>();
        return await scope.ServiceProvider.GetRequiredService<RegistryWriter>().ExecuteAsync(
            request, stamp, (s, _) => Task.FromResult(registry.Create(input, s)), present, registration.Attempted ? registration.Response : null, cancellationToken);
    }
}

/// <summary>One asset on its way in, with all that is written of it.</summary>
internal sealed class Registration(WriteRequest request, ChangeStamp stamp, Asset asset, Valuation valuation, WriteResponse response, IModel model)
    : TaskCompletionSource<Result<WriteResponse>?>(TaskCreationOptions.RunContinuationsAsynchronously), IAsked
{
    private readonly long _began = Stopwatch.GetTimestamp();

    public WriteRequest Request => request;
    public ChangeStamp Stamp => stamp;
    public Asset Asset => asset;
    public Valuation Valuation => valuation;
    public WriteResponse Response => response;

    /// <summary>In the order and with the ids that the change tracker's would have.</summary>
    public AuditEntry[] Audit { get; } = [AuditTrail.Created(asset, model, stamp.AuditId, stamp), AuditTrail.Created(valuation, model, Guid.CreateVersion7(stamp.At), stamp)];

    /// <summary>Whether it was sent to the database, so that it may be there whatever was heard.</summary>
    public bool Attempted { get; set; }

    public TimeSpan Took { get; private set; }

    public void Answer(Result<WriteResponse> outcome)
    {
        Took = Stopwatch.GetElapsedTime(_began);
        TrySetResult(outcome);
    }

    public void GoAlone() => TrySetResult(null);
}
