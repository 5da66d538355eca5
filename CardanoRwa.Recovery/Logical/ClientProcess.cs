using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace CardanoRwa.Recovery.Logical;

/// <summary>A run of a client program. Where to connect and the password go by its environment: a command line is everybody's to read.</summary>
internal static class ClientProcess
{
    private const int KeptLines = 12;

    /// <param name="program">What to run.</param>
    /// <param name="arguments">Without anything about the connection.</param>
    /// <param name="connectionString">Npgsql's.</param>
    /// <param name="onLine">Told each line of standard error.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Its exit code, and the last of what it complained about.</returns>
    public static async Task<(int Code, string Complaints)> RunAsync(
        string program, IEnumerable<string> arguments, string connectionString, Action<string> onLine, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var (name, value) in Settings(new NpgsqlConnectionStringBuilder(connectionString)))
        {
            start.Environment[name] = value;
        }
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var complaints = new Queue<string>();
        try
        {
            while (await process.StandardError.ReadLineAsync(cancellationToken) is { } line)
            {
                onLine(line);
                if (line.Contains("error:", StringComparison.Ordinal) || line.Contains("detail:", StringComparison.Ordinal) || line.Contains("hint:", StringComparison.Ordinal))
                {
                    complaints.Enqueue(line);
                    while (complaints.Count > KeptLines)
                    {
                        complaints.Dequeue();
                    }
                }
            }
            await process.WaitForExitAsync(cancellationToken);
            return (process.ExitCode, string.Join('\n', complaints));
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync(CancellationToken.None);
            }
        }
    }

    private static IEnumerable<(string Name, string Value)> Settings(NpgsqlConnectionStringBuilder connection)
    {
        // What is read of its output is not to be translated.
        yield return ("LC_ALL", "C");
        yield return ("PGAPPNAME", "logical backup");
        // Of several servers "a:1,b:2" the programs take hosts and ports apart, and look for the primary as we do.
        var hosts = (connection.Host ?? "").Split(',').Select(h => h.LastIndexOf(':') is var at and > 0 && !h.Contains("::", StringComparison.Ordinal) && h.Length > 0 && h[0] != '/' ? (Host: h[..at], Port: h[(at + 1)..]) : (Host: h, Port: connection.Port.ToString(CultureInfo.InvariantCulture))).ToList();
        yield return ("PGPORT", string.Join(',', hosts.Select(h => h.Port)));
        if (connection.TargetSessionAttributes is { } target)
        {
            yield return ("PGTARGETSESSIONATTRS", target);
        }
        yield return ("PGSSLMODE", connection.SslMode switch
        {
            SslMode.VerifyCA => "verify-ca",
            SslMode.VerifyFull => "verify-full",
            var mode => mode.ToString().ToLowerInvariant(),
        });
        (string Name, string? Value)[] given =
        [
            ("PGHOST", string.Join(',', hosts.Select(h => h.Host))), ("PGDATABASE", connection.Database), ("PGUSER", connection.Username), ("PGPASSWORD", connection.Password),
            ("PGPASSFILE", connection.Passfile), ("PGSSLROOTCERT", connection.RootCertificate), ("PGSSLCERT", connection.SslCertificate), ("PGSSLKEY", connection.SslKey),
        ];
        foreach (var (name, value) in given)
        {
            if (!string.IsNullOrEmpty(value))
            {
                yield return (name, value);
            }
        }
    }
}
