namespace CardanoRwa.Tests.Delivery;

/// <summary>Names and references of the Terraform files, held against the AWS provider's schema; Terraform itself is not needed.</summary>
public sealed class TerraformTests
{
    [Fact]
    public async Task Files_parse_name_what_the_provider_knows_and_refer_to_what_is_there()
    {
        var (exitCode, output) = await CheckAsync(Path.Combine(RepositoryRoot.Path, "terraform"));

        Assert.True(exitCode == 0, output);
        Assert.Contains("4 modules", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_finds_wrong_names_missing_arguments_and_loose_ends()
    {
        var folder = Directory.CreateTempSubdirectory("rwa-terraform-");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "main.tf"), """
            resource "aws_cloudfront_distribution" "main" {
              enabled = true
              origin {
                domain_name = aws_s3_bucket.assets.bucket_regional_domain_name
                origin_id   = var.missing
              }
              viewer_restriction {
                restriction_type = "none"
              }
            }
            """);

        var (exitCode, output) = await CheckAsync(folder.FullName);
        folder.Delete(recursive: true);

        Assert.Equal(1, exitCode);
        Assert.All(["no argument 'viewer_restriction'", "'viewer_certificate' is missing", "no resource aws_s3_bucket.assets", "no variable 'missing'"],
            fault => Assert.Contains(fault, output, StringComparison.Ordinal));
    }

    private static async Task<(int ExitCode, string Output)> CheckAsync(string folder) =>
        await Tool.RunAsync("node", "apt-get install -y nodejs npm", await Installed.Value, "check.mjs", folder);

    private static readonly Lazy<Task<string>> Installed = new(() => NodeOracle.InstallAsync(Path.Combine("Delivery", "terraform"), "terraform-check"));
}
