using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using System.Text.Json;
using CardanoRwa.Core.Caching;
using CardanoRwa.Core.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CardanoRwa.Core.Assets;

/// <summary>
/// Answers reads of assets: from this process's memory; from the database, together with what else is asked at the moment; and alone, by EF Core, which
/// repeats what met a server on its way out. Filtered lists are alone in going by way of Redis: what one probe of an index answers, it could not answer sooner.
/// </summary>
public sealed class AssetReader(IServiceScopeFactory scopes, RegistryCache cache, AssetLoads loads)
{
    /// <summary>An asset as JSON; <see cref="CachedAnswer.Missing"/> if there is none.</summary>
    public ValueTask<CachedAnswer> GetAsync(Guid id, CancellationToken cancellationToken) =>
        cache.FindAsset(id) is { } kept ? ValueTask.FromResult(kept) : LoadAsync(id, cancellationToken);

    /// <summary>A page of assets as JSON.</summary>
    /// <param name="query">What is asked.</param>
    /// <param name="question">The query string that it was made from.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public ValueTask<CachedAnswer> ListAsync(AssetQuery query, string question, CancellationToken cancellationToken) =>
        !AssetRows.IsPlain(query) ? cache.ListAsync(query.CacheKey, token => LoadAsync(query, token), cancellationToken)
        : cache.FindPage(question) is { } kept ? ValueTask.FromResult(kept)
        : LoadPlainAsync(query, question, cancellationToken);

    private async ValueTask<CachedAnswer> LoadAsync(Guid id, CancellationToken cancellationToken)
    {
        cache.Missed(RegistryCache.Asset);
        if (await loads.AssetAsync(id).WaitAsync(cancellationToken) is { } answer)
        {
            return answer;
        }
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<RwaDbContext>();
        var asset = await db.Assets.AsNoTracking().Where(a => a.Id == id).Select(WithoutSearch).SingleOrDefaultAsync(cancellationToken);
        return asset is null ? CachedAnswer.Missing : AssetAnswers.Of(AssetView.Of(asset));
    }

    private async ValueTask<CachedAnswer> LoadPlainAsync(AssetQuery query, string question, CancellationToken cancellationToken)
    {
        cache.Missed(RegistryCache.List);
        return await loads.PageAsync(query, question).WaitAsync(cancellationToken) ?? await LoadAsync(query, cancellationToken);
    }

    private async ValueTask<CachedAnswer> LoadAsync(AssetQuery query, CancellationToken cancellationToken)
    {
        // Not the request's own scope: a load that several requests wait for may outlive the one that began it.
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<RwaDbContext>();
        var rows = await Page(db, query).ToListAsync(cancellationToken);
        return AssetAnswers.Of(rows.ConvertAll(AssetView.Of), query);
    }

    /// <summary>One row more than asked for tells whether there is a next page.</summary>
    public static IQueryable<Asset> Page(RwaDbContext db, AssetQuery query)
    {
        var assets = db.Assets.AsNoTracking();
        if (query.Status is { } status)
        {
            assets = assets.Where(a => a.Status == status);
        }
        if (query.Kind is { } kind)
        {
            assets = assets.Where(a => a.Kind == kind);
        }
        if (query.Jurisdiction is { } jurisdiction)
        {
            assets = assets.Where(a => a.Jurisdiction == jurisdiction);
        }
        if (query.ExternalId is { } externalId)
        {
            assets = assets.Where(a => a.ExternalId == externalId);
        }
        if (query.MinValue is { } min)
        {
            assets = assets.Where(a => a.Value >= min);
        }
        if (query.MaxValue is { } max)
        {
            assets = assets.Where(a => a.Value <= max);
        }
        if (!string.IsNullOrWhiteSpace(query.Text))
        {
            assets = assets.Where(a => a.Search.Matches(EF.Functions.PlainToTsQuery("simple", query.Text)));
        }
        foreach (var (name, value) in query.Attributes)
        {
            assets = assets.Where(HasAttribute(name, value));
        }
        return Ordered(query.After is { } after ? assets.Where(Beyond(after)) : assets, query.Sort).Take(query.Limit + 1).Select(WithoutSearch);
    }

    // The search vector is for the index; it need not travel.
    private static readonly Expression<Func<Asset, Asset>> WithoutSearch = a => new Asset
    {
        Id = a.Id,
        ExternalId = a.ExternalId,
        Name = a.Name,
        Kind = a.Kind,
        Jurisdiction = a.Jurisdiction,
        Description = a.Description,
        Value = a.Value,
        Currency = a.Currency,
        ValueAsOf = a.ValueAsOf,
        Status = a.Status,
        RetiredReason = a.RetiredReason,
        Attributes = a.Attributes,
        CreatedAt = a.CreatedAt,
        UpdatedAt = a.UpdatedAt,
        Version = a.Version,
    };

    /// <summary>A query string has no types: 98103 finds the number and the text.</summary>
    private static Expression<Func<Asset, bool>> HasAttribute(string name, string value)
    {
        var text = JsonSerializer.Serialize(new Dictionary<string, object> { [name] = value });
        if (JsonLiteral(value) is not { } literal)
        {
            return a => EF.Functions.JsonContains(a.Attributes, text);
        }
        var typed = JsonSerializer.Serialize(new Dictionary<string, JsonElement> { [name] = literal });
        return a => EF.Functions.JsonContains(a.Attributes, text) || EF.Functions.JsonContains(a.Attributes, typed);
    }

    private static JsonElement? JsonLiteral(string value)
    {
        if (value is "true" or "false" || decimal.TryParse(value, System.Globalization.NumberStyles.AllowDecimalPoint | System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out _))
        {
            try
            {
                return JsonElement.Parse(value);
            }
            catch (JsonException)
            {
                return null; // such as '007': a number to .NET, not to JSON
            }
        }
        return null;
    }

    private static Expression<Func<Asset, bool>> Beyond(AssetCursor c)
    {
        switch (c.Sort)
        {
            case AssetSort.CreatedAt:
                return a => EF.Functions.GreaterThan(ValueTuple.Create(a.CreatedAt, a.Id), ValueTuple.Create(c.CreatedAt, c.Id));
            case AssetSort.CreatedAtDescending:
                return a => EF.Functions.LessThan(ValueTuple.Create(a.CreatedAt, a.Id), ValueTuple.Create(c.CreatedAt, c.Id));
            case AssetSort.Value:
                return a => EF.Functions.GreaterThan(ValueTuple.Create(a.Value, a.Id), ValueTuple.Create(c.Value, c.Id));
            case AssetSort.ValueDescending:
                return a => EF.Functions.LessThan(ValueTuple.Create(a.Value, a.Id), ValueTuple.Create(c.Value, c.Id));
            case AssetSort.Name:
                return a => EF.Functions.GreaterThan(ValueTuple.Create(a.Name, a.Id), ValueTuple.Create(c.Key, c.Id));
            case AssetSort.NameDescending:
                return a => EF.Functions.LessThan(ValueTuple.Create(a.Name, a.Id), ValueTuple.Create(c.Key, c.Id));
            default:
                throw new SwitchExpressionException(c.Sort);
        }
    }

    private static IOrderedQueryable<Asset> Ordered(IQueryable<Asset> assets, AssetSort sort) => sort switch
    {
        AssetSort.CreatedAt => assets.OrderBy(a => a.CreatedAt).ThenBy(a => a.Id),
        AssetSort.CreatedAtDescending => assets.OrderByDescending(a => a.CreatedAt).ThenByDescending(a => a.Id),
        AssetSort.Value => assets.OrderBy(a => a.Value).ThenBy(a => a.Id),
        AssetSort.ValueDescending => assets.OrderByDescending(a => a.Value).ThenByDescending(a => a.Id),
        AssetSort.Name => assets.OrderBy(a => a.Name).ThenBy(a => a.Id),
        _ => assets.OrderByDescending(a => a.Name).ThenByDescending(a => a.Id),
    };
}
