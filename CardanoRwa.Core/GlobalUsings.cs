global using CardanoRwa.Core.Audit;
