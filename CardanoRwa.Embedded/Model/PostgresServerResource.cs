namespace Aspire.Hosting.ApplicationModel;

public class PostgresServerResource : ContainerResource, IResourceWithConnectionString
{
    internal const string PrimaryEndpointName = "tcp";
    private const string DefaultUserName = "postgres";

    private readonly Dictionary<string, string> _databases = new(StringComparer.OrdinalIgnoreCase);

    public PostgresServerResource(string name, ParameterResource? userName, ParameterResource password)
        : base(name)
    {
        PrimaryEndpoint = new(this, PrimaryEndpointName);
        UserNameParameter = userName;
        PasswordParameter = password;
    }

    public EndpointReference PrimaryEndpoint { get; }

    public EndpointReferenceExpression Host => PrimaryEndpoint.Property(EndpointProperty.Host);

    public EndpointReferenceExpression Port => PrimaryEndpoint.Property(EndpointProperty.Port);

    public ParameterResource? UserNameParameter { get; set; }

    public ParameterResource PasswordParameter { get; set; }

    public ReferenceExpression UserNameReference => UserNameParameter is null
        ? ReferenceExpression.Create($"{DefaultUserName}")
        : ReferenceExpression.Create($"{UserNameParameter}");

    /// <summary>Database names by the names of their resources.</summary>
    public IReadOnlyDictionary<string, string> Databases => _databases;

    /// <summary>The second server, where this one runs as a pair.</summary>
    internal PostgresStandbyResource? Standby { get; set; }

    public ReferenceExpression ConnectionStringExpression => Standby is null
        ? ReferenceExpression.Create($"Host={Host};Port={Port};Username={UserNameReference};Password={PasswordParameter}")
        : ReferenceExpression.Create($"Host={Host}:{Port},{Standby.Endpoint.Property(EndpointProperty.Host)}:{Standby.Endpoint.Property(EndpointProperty.Port)};Username={UserNameReference};Password={PasswordParameter};Target Session Attributes=primary;Host Recheck Seconds=1;Timeout=3");

    public ReferenceExpression UriExpression => BuildUri(null);

    public ReferenceExpression JdbcConnectionString => BuildJdbc(null);

    IEnumerable<KeyValuePair<string, ReferenceExpression>> IResourceWithConnectionString.GetConnectionProperties() =>
    [
        new("Host", ReferenceExpression.Create($"{Host}")),
        new("Port", ReferenceExpression.Create($"{Port}")),
        new("Username", ReferenceExpression.Create($"{UserNameReference}")),
        new("Password", ReferenceExpression.Create($"{PasswordParameter}")),
        new("Uri", UriExpression),
        new("JdbcConnectionString", JdbcConnectionString),
    ];

    internal void AddDatabase(string name, string databaseName) => _databases.TryAdd(name, databaseName);

    internal ReferenceExpression BuildUri(string? databaseName)
    {
        var uri = new ReferenceExpressionBuilder();
        uri.AppendLiteral("postgresql://");
        if (UserNameParameter is null)
            uri.AppendFormatted(DefaultUserName, "uri");
        else
            uri.AppendFormatted(UserNameParameter, "uri");
        uri.Append($":{PasswordParameter:uri}@{Host}:{Port}");
        if (databaseName is not null)
            uri.Append($"/{databaseName:uri}");
        return uri.Build();
    }

    internal ReferenceExpression BuildJdbc(string? databaseName)
    {
        var url = new ReferenceExpressionBuilder();
        url.Append($"jdbc:postgresql://{Host}:{Port}");
        if (databaseName is not null)
            url.Append($"/{databaseName:uri}");
        return url.Build();
    }
}
