global using CardanoRwa.Core.Text;
global using CardanoRwa.Core.Writes;
global using Microsoft.AspNetCore.Http.HttpResults;
