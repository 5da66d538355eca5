using Aspire.Hosting.ApplicationModel;
using CardanoRwa.Embedded.Running;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting;

public static class ParameterResourceBuilderExtensions
{
    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, bool secret = false) =>
        builder.AddResource(CreateParameter(builder, name, secret));

    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, string value, bool publishValueAsDefault = false, bool secret = false) =>
        builder.AddParameter(name, () => value, publishValueAsDefault, secret);

    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, Func<string> valueGetter, bool publishValueAsDefault = false, bool secret = false)
    {
        if (publishValueAsDefault && secret)
            throw new ArgumentException("A parameter cannot be both secret and published as a default value.", nameof(secret));

        return builder.AddResource(new ParameterResource(name, standard => standard?.GetDefaultValue() ?? valueGetter(), secret)
        {
            Default = publishValueAsDefault ? new ConstantParameterDefault(valueGetter) : null,
        });
    }

    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, ParameterDefault value, bool secret = false, bool persist = false)
    {
        var standard = persist && builder.ExecutionContext.IsRunMode ? Persisted(builder, name, value) : value;
        return builder.AddResource(new ParameterResource(name, d => Value(builder.Configuration, $"Parameters:{name}", name, d), secret) { Default = standard });
    }

    public static IResourceBuilder<ParameterResource> AddParameterFromConfiguration(
        this IDistributedApplicationBuilder builder, string name, string configurationKey, bool secret = false) =>
        builder.AddResource(new ParameterResource(name, d => Value(builder.Configuration, configurationKey, name, d), secret)
        {
            ConfigurationKey = configurationKey,
        });

    public static IResourceBuilder<IResourceWithConnectionString> AddConnectionString(
        this IDistributedApplicationBuilder builder, string name, string? environmentVariableName = null) =>
        builder.AddResource(new ConnectionStringParameterResource(
            name, _ => Value(builder.Configuration, $"ConnectionStrings:{name}", name, null), environmentVariableName));

    public static IResourceBuilder<ConnectionStringResource> AddConnectionString(
        this IDistributedApplicationBuilder builder, string name, ReferenceExpression connectionStringExpression)
    {
        var resource = builder.AddResource(new ConnectionStringResource(name, connectionStringExpression));
        foreach (var referenced in connectionStringExpression.ValueProviders.OfType<IResource>().Where(r => r is not ParameterResource).Distinct())
            resource.WaitForStart(builder.CreateResourceBuilder(referenced)).WithReferenceRelationship(referenced);
        return resource;
    }

    public static IResourceBuilder<ParameterResource> WithDescription(
        this IResourceBuilder<ParameterResource> builder, string description, bool enableMarkdown = false)
    {
        _ = enableMarkdown;
        builder.Resource.Description = description;
        return builder;
    }

    /// <summary>A password nobody has to choose: made at the first run, the same ever after, and not part of the model.</summary>
    public static ParameterResource CreateDefaultPasswordParameter(
        IDistributedApplicationBuilder builder,
        string name,
        bool lower = true,
        bool upper = true,
        bool numeric = true,
        bool special = true,
        int minLower = 0,
        int minUpper = 0,
        int minNumeric = 0,
        int minSpecial = 0)
    {
        var generated = new GenerateParameterDefault
        {
            Lower = lower,
            Upper = upper,
            Numeric = numeric,
            Special = special,
            MinLower = minLower,
            MinUpper = minUpper,
            MinNumeric = minNumeric,
            MinSpecial = minSpecial,
        };
        var parameter = CreateParameter(builder, name, secret: true);
        parameter.Default = builder.ExecutionContext.IsRunMode ? Persisted(builder, name, generated) : generated;
        return parameter;
    }

    public static ParameterResource CreateParameter(IDistributedApplicationBuilder builder, string name, bool secret) =>
        new(name, d => Value(builder.Configuration, $"Parameters:{name}", name, d), secret);

    private static PersistedParameterDefault Persisted(IDistributedApplicationBuilder builder, string name, ParameterDefault value) =>
        new($"Parameters:{name}", value, (key, make) => SecretStore.For(builder.Configuration).GetOrAdd(key, make));

    private static string Value(ConfigurationManager configuration, string key, string name, ParameterDefault? standard)
    {
        // A dash cannot stand in a variable's name everywhere, so Parameters__api_key sets api-key too.
        var variable = key.Replace(":", "__", StringComparison.Ordinal).Replace('-', '_');
        return configuration[key] ?? configuration[key.Replace('-', '_')] ?? standard?.GetDefaultValue() ?? throw new MissingParameterValueException(
            $"Parameter '{name}' has no value. Set it with the environment variable {variable}=..., with --{key}=..., "
            + $"or for good with: dotnet user-secrets set {key} \"...\" --project CardanoRwa.AppHost");
    }
}
