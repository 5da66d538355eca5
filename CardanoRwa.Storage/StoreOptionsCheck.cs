using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace CardanoRwa.Storage;

/// <summary>Finds all faults at once, and names settings, never their values.</summary>
public sealed partial class StoreOptionsCheck : IValidateOptions<StoresOptions>
{
    public ValidateOptionsResult Validate(string? name, StoresOptions options)
    {
        var faults = options.Stores.SelectMany(s => Faults(s.Key, s.Value).Select(f => $"{StoresOptions.Section}:{s.Key}{f}")).ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    internal static IEnumerable<string> Faults(string name, StoreOptions o)
    {
        if (!StoreName().IsMatch(name))
        {
            yield return ": a store is called by 1 to 32 small letters, digits and hyphens.";
        }
        foreach (var fault in o.Kind switch
        {
            StoreOptions.Folder => FolderFaults(o),
            StoreOptions.S3 => S3Faults(o),
            StoreOptions.Azure => AzureFaults(o),
            _ => [":Kind is folder, s3 or azure."],
        })
        {
            yield return fault;
        }
        if (o.Prefix.Length > 0 && !KeyPrefix().IsMatch(o.Prefix))
        {
            yield return ":Prefix is names of letters, digits, '-' and '_' with '/' between.";
        }
        if (o.PartMebibytes is < 5 or > 256)
        {
            yield return ":PartMebibytes is 5 to 256.";
        }
        if (o.ParallelParts is < 1 or > 16)
        {
            yield return ":ParallelParts is 1 to 16.";
        }
        if (o.AttemptTimeout < TimeSpan.FromMilliseconds(100) || o.Deadline < o.AttemptTimeout || o.Deadline > TimeSpan.FromHours(1))
        {
            yield return ":AttemptTimeout is at least 0.1 s, and Deadline between it and an hour.";
        }
        if (o.Retries is < 0 or > 100)
        {
            yield return ":Retries is 0 to 100.";
        }
    }

    private static IEnumerable<string> FolderFaults(StoreOptions o)
    {
        if (string.IsNullOrEmpty(o.Path) || !Path.IsPathFullyQualified(o.Path))
        {
            yield return ":Path is an absolute path.";
        }
    }

    private static IEnumerable<string> S3Faults(StoreOptions o)
    {
        if (string.IsNullOrEmpty(o.Bucket))
        {
            yield return ":Bucket is missing.";
        }
        if (o.Endpoint is not null && !IsHttp(o.Endpoint))
        {
            yield return ":Endpoint is an http or https URL.";
        }
        if (string.IsNullOrEmpty(o.AccessKey) != string.IsNullOrEmpty(o.SecretKey))
        {
            yield return ":AccessKey and SecretKey go together.";
        }
        if (!string.IsNullOrEmpty(o.SessionToken) && string.IsNullOrEmpty(o.AccessKey))
        {
            yield return ":SessionToken needs AccessKey and SecretKey.";
        }
    }

    private static IEnumerable<string> AzureFaults(StoreOptions o)
    {
        if (string.IsNullOrEmpty(o.Container))
        {
            yield return ":Container is missing.";
        }
        if (string.IsNullOrEmpty(o.ConnectionString) == string.IsNullOrEmpty(o.Endpoint))
        {
            yield return ": give ConnectionString, or Endpoint with SasToken or a managed identity.";
        }
        if (o.Endpoint is not null && !IsHttp(o.Endpoint))
        {
            yield return ":Endpoint is an http or https URL.";
        }
        if (!string.IsNullOrEmpty(o.SasToken) && !string.IsNullOrEmpty(o.ConnectionString))
        {
            yield return ":SasToken goes with Endpoint, not with ConnectionString.";
        }
    }

    private static bool IsHttp(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is ("http" or "https");

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{0,31}$")]
    private static partial Regex StoreName();

    [GeneratedRegex("^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*/?$")]
    private static partial Regex KeyPrefix();
}
