using CardanoRwa.Api.Auth;
using CardanoRwa.Core.Assets;
using CardanoRwa.Core.Evidence;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace CardanoRwa.Api.Docs;

internal static class DocsSetup
{
    public static IHostApplicationBuilder AddDocs(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOpenApi("v1", options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.AddDocumentTransformer((document, _, _) =>
            {
                document.Info = new OpenApiInfo
                {
                    Title = "CardanoRwa",
                    Version = "v1",
                    Description = "Registry of tokenized real-world assets. Every refusal is an RFC 9457 problem with a stable 'code' and a 'hint'. Every write honours Idempotency-Key.",
                };
                // Where it is served from is the reader's address, not this process's.
                document.Servers = [];
                document.Components ??= new OpenApiComponents();
                document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
                {
                    [ApiKeyHandler.SchemeName] = new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = ApiKeyHandler.Header },
                    ["Bearer"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "JWT" },
                };
                document.Security = [Requirement(document, ApiKeyHandler.SchemeName), Requirement(document, "Bearer")];
                return Task.CompletedTask;
            });
            options.AddSchemaTransformer(Schemas.Describe);
            options.AddOperationTransformer<WriteHeaders>();
        });
        return builder;
    }

    public static void MapDocs(this WebApplication app)
    {
        app.MapOpenApi().AllowAnonymous();
        app.MapScalarApiReference("/scalar", options => Configure(options, app.Environment.IsDevelopment())).AllowAnonymous();
        app.MapGet("/", () => Results.Redirect("/scalar")).AllowAnonymous().ExcludeFromDescription();
    }

    /// <summary>A reference that asks nothing of other hosts; in Development the development key is filled in.</summary>
    private static void Configure(ScalarOptions options, bool development)
    {
        options.WithTitle("CardanoRwa").DisableDefaultFonts().DisableAgent().DisableMcp().HideDeveloperTools()
            .AddPreferredSecuritySchemes(ApiKeyHandler.SchemeName);
        options.Telemetry = false;
        if (development)
        {
            options.AddApiKeyAuthentication(ApiKeyHandler.SchemeName, key => key.Value = KnownKeys.DevelopmentKey);
        }
    }

    /// <summary>The list's parameters are read from the query as a whole, so they are named here.</summary>
    public static RouteHandlerBuilder DescribesListQuery(this RouteHandlerBuilder endpoint) => endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
    {
        operation.Parameters ??= [];
        Add("limit", $"1 to {AssetQuery.MaxLimit}; {AssetQuery.DefaultLimit} when absent", JsonSchemaType.Integer);
        Add("cursor", "The 'next' of the page before, with the same filters and sort", JsonSchemaType.String);
        Add("sort", $"One of {string.Join(", ", AssetQuery.Sorts.Keys)}", JsonSchemaType.String);
        Add("status", "'active' or 'retired'", JsonSchemaType.String);
        Add("kind", "Exact", JsonSchemaType.String);
        Add("jurisdiction", "Exact, such as US-WA", JsonSchemaType.String);
        Add("externalId", "Exact", JsonSchemaType.String);
        Add("q", "Words of name, externalId or description", JsonSchemaType.String);
        Add("minValue", "Inclusive", JsonSchemaType.Number);
        Add("maxValue", "Inclusive", JsonSchemaType.Number);
        Add("attr.NAME", "Exact value of a top-level attribute; up to five", JsonSchemaType.String);
        return Task.CompletedTask;

        void Add(string name, string description, JsonSchemaType type) =>
            operation.Parameters.Add(new OpenApiParameter { Name = name, In = ParameterLocation.Query, Description = description, Schema = new OpenApiSchema { Type = type } });
    });

    /// <summary>A body that is a document of any type taken, and the headers that let it be checked.</summary>
    public static RouteHandlerBuilder DescribesDocument(this RouteHandlerBuilder endpoint) => endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
    {
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Content = MediaTypes.All.ToDictionary(t => t, _ => new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" } }),
        };
        operation.Parameters ??= [];
        Add("Content-Digest", "sha-256=:BASE64: or sha-512=:BASE64: of the body (RFC 9530); a body that differs is refused");
        Add("Content-MD5", "Base64; likewise");
        return Task.CompletedTask;

        void Add(string name, string description) =>
            operation.Parameters.Add(new OpenApiParameter { Name = name, In = ParameterLocation.Header, Description = description, Schema = new OpenApiSchema { Type = JsonSchemaType.String } });
    });

    private static OpenApiSecurityRequirement Requirement(OpenApiDocument document, string scheme) => new() { [new OpenApiSecuritySchemeReference(scheme, document)] = [] };
}

/// <summary>Headers that every write understands.</summary>
internal sealed class WriteHeaders : IOpenApiOperationTransformer
{
    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var method = context.Description.HttpMethod;
        if (method is "POST" or "PATCH" or "PUT" or "DELETE")
        {
            operation.Parameters ??= [];
            Add("Idempotency-Key", "1 to 200 visible ASCII characters. The same key with the same request is carried out once; the first answer is repeated.");
            if (method == "PATCH")
            {
                Add("If-Match", "The ETag of the version this change is for.");
            }
        }
        return Task.CompletedTask;

        void Add(string name, string description) =>
            operation.Parameters.Add(new OpenApiParameter { Name = name, In = ParameterLocation.Header, Description = description, Schema = new OpenApiSchema { Type = JsonSchemaType.String } });
    }
}
