using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Hosting.ApplicationModel;

public interface IExecutionConfigurationBuilder
{
    IExecutionConfigurationBuilder WithArgumentsConfig();

    IExecutionConfigurationBuilder WithEnvironmentVariablesConfig();

    Task<IExecutionConfigurationResult> BuildAsync(
        DistributedApplicationExecutionContext executionContext, ILogger? resourceLogger = null, CancellationToken cancellationToken = default);
}

public interface IExecutionConfigurationResult
{
    IEnumerable<(string Value, bool IsSensitive)> Arguments { get; }

    IEnumerable<(object Unprocessed, string Processed, bool IsSensitive)> ArgumentsWithUnprocessed { get; }

    IEnumerable<KeyValuePair<string, string>> EnvironmentVariables { get; }

    IEnumerable<KeyValuePair<string, (object Unprocessed, string Processed)>> EnvironmentVariablesWithUnprocessed { get; }
}

/// <summary>Runs the callbacks of a resource and resolves what they set: to values when run, to expressions when published.</summary>
public sealed class ExecutionConfigurationBuilder : IExecutionConfigurationBuilder
{
    private readonly IResource _resource;
    private bool _arguments;
    private bool _environment;

    private ExecutionConfigurationBuilder(IResource resource) => _resource = resource;

    public static IExecutionConfigurationBuilder Create(IResource resource) => new ExecutionConfigurationBuilder(resource);

    public IExecutionConfigurationBuilder WithArgumentsConfig()
    {
        _arguments = true;
        return this;
    }

    public IExecutionConfigurationBuilder WithEnvironmentVariablesConfig()
    {
        _environment = true;
        return this;
    }

    public async Task<IExecutionConfigurationResult> BuildAsync(
        DistributedApplicationExecutionContext executionContext, ILogger? resourceLogger = null, CancellationToken cancellationToken = default)
    {
        var logger = resourceLogger ?? NullLogger.Instance;
        var result = new Result();
        if (_arguments)
        {
            var args = new List<object>();
            var context = new CommandLineArgsCallbackContext(args, _resource, cancellationToken) { ExecutionContext = executionContext, Logger = logger };
            foreach (var annotation in _resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>().ToList())
                await annotation.Callback(context);
            foreach (var arg in args)
            {
                if (await ResolveAsync(arg, executionContext, cancellationToken) is { } value)
                    result.ResolvedArguments.Add((arg, value, IsSecret(arg)));
            }
        }

        if (_environment)
        {
            var context = new EnvironmentCallbackContext(executionContext, _resource, cancellationToken: cancellationToken) { Logger = logger };
            foreach (var annotation in _resource.Annotations.OfType<EnvironmentCallbackAnnotation>().ToList())
                await annotation.Callback(context);
            foreach (var (name, unprocessed) in context.EnvironmentVariables)
            {
                if (await ResolveAsync(unprocessed, executionContext, cancellationToken) is { } value)
                    result.ResolvedEnvironment[name] = (unprocessed, value);
            }
        }

        return result;
    }

    private async ValueTask<string?> ResolveAsync(object? value, DistributedApplicationExecutionContext executionContext, CancellationToken cancellationToken)
    {
        value = value is IResourceBuilder<IResource> builder ? builder.Resource : value;
        return value switch
        {
            string text => text,
            IManifestExpressionProvider expression when executionContext.IsPublishMode => expression.ValueExpression,
            IValueProvider provider when executionContext.IsRunMode =>
                await provider.GetValueAsync(new ValueProviderContext { ExecutionContext = executionContext, Caller = _resource }, cancellationToken),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture),
        };
    }

    private static bool IsSecret(object value) => value is ParameterResource { Secret: true } or ConnectionStringReference
        || (value is IValueWithReferences references && references.References.Any(IsSecret));

    private sealed class Result : IExecutionConfigurationResult
    {
        public List<(object Unprocessed, string Processed, bool IsSensitive)> ResolvedArguments { get; } = [];

        public Dictionary<string, (object Unprocessed, string Processed)> ResolvedEnvironment { get; } = [];

        public IEnumerable<(string Value, bool IsSensitive)> Arguments => ResolvedArguments.Select(a => (a.Processed, a.IsSensitive));

        public IEnumerable<(object Unprocessed, string Processed, bool IsSensitive)> ArgumentsWithUnprocessed => ResolvedArguments;

        public IEnumerable<KeyValuePair<string, string>> EnvironmentVariables =>
            ResolvedEnvironment.Select(e => KeyValuePair.Create(e.Key, e.Value.Processed));

        public IEnumerable<KeyValuePair<string, (object Unprocessed, string Processed)>> EnvironmentVariablesWithUnprocessed => ResolvedEnvironment;
    }
}
