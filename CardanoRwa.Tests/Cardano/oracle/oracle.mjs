// One JSON question a line on stdin, one JSON answer a line on stdout.
import * as csl from '@emurgo/cardano-serialization-lib-nodejs';
import { createInterface } from 'node:readline';

const bytes = (hex) => Buffer.from(hex, 'hex');
const hex = (array) => Buffer.from(array).toString('hex');
const big = (number) => csl.BigNum.from_str(String(number));
const fees = csl.LinearFee.new(big(44), big(155381));
const perByte = csl.DataCost.new_coins_per_byte(big(4310));

const answers = {
  key({ entropy, passphrase, path, message }) {
    let key = csl.Bip32PrivateKey.from_bip39_entropy(bytes(entropy), Buffer.from(passphrase, 'utf8'));
    for (const index of path) key = key.derive(index);
    const raw = key.to_raw_key();
    return {
      private: hex(key.as_bytes()),
      public: hex(key.to_public().as_bytes()),
      hash: raw.to_public().hash().to_hex(),
      signature: raw.sign(bytes(message)).to_hex(),
    };
  },

  soft({ xpub, index }) {
    return { xpub: hex(csl.Bip32PublicKey.from_bytes(bytes(xpub)).derive(index).as_bytes()) };
  },

  address({ hex: raw }) {
    const address = csl.Address.from_bytes(bytes(raw));
    return { bech32: address.to_bech32(), network: address.network_id() };
  },

  script({ cbor }) {
    const script = csl.NativeScript.from_bytes(bytes(cbor));
    return { hash: script.hash().to_hex(), canonical: script.to_hex() };
  },

  transaction({ cbor }) {
    const fixed = csl.FixedTransaction.from_bytes(bytes(cbor));
    const parsed = csl.Transaction.from_bytes(bytes(cbor));
    const auxiliary = parsed.auxiliary_data();
    const keys = parsed.witness_set().vkeys();
    const id = fixed.transaction_hash();
    return {
      id: id.to_hex(),
      auxiliaryHash: auxiliary ? csl.hash_auxiliary_data(auxiliary).to_hex() : null,
      signed: keys ? Array.from({ length: keys.len() }, (_, i) => keys.get(i)).every((w) => w.vkey().public_key().verify(id.to_bytes(), w.signature())) : true,
    };
  },

  sign({ cbor, key }) {
    const fixed = csl.FixedTransaction.from_bytes(bytes(cbor));
    fixed.sign_and_add_vkey_signature(csl.PrivateKey.from_extended_bytes(bytes(key)));
    return { cbor: fixed.to_hex() };
  },

  // A transaction as this library would write it, to be read by the library under test.
  build({ inputs, outputs, fee, ttl, start, mint, metadata, required }) {
    const ins = csl.TransactionInputs.new();
    for (const { id, index } of inputs) ins.add(csl.TransactionInput.new(csl.TransactionHash.from_hex(id), index));
    const outs = csl.TransactionOutputs.new();
    for (const { address, coin, tokens } of outputs) {
      const value = csl.Value.new(big(coin));
      const assets = csl.MultiAsset.new();
      for (const { policy, name, quantity } of tokens) assets.set_asset(csl.ScriptHash.from_hex(policy), csl.AssetName.new(bytes(name)), big(quantity));
      if (tokens.length) value.set_multiasset(assets);
      outs.add(csl.TransactionOutput.new(csl.Address.from_bytes(bytes(address)), value));
    }
    const body = csl.TransactionBody.new_tx_body(ins, outs, big(fee));
    if (ttl !== null) body.set_ttl(big(ttl));
    if (start !== null) body.set_validity_start_interval_bignum(big(start));
    if (mint.length) {
      const minted = csl.Mint.new();
      for (const policy of new Set(mint.map((m) => m.policy))) {
        const assets = csl.MintAssets.new();
        for (const { name, quantity } of mint.filter((m) => m.policy === policy)) {
          const n = BigInt(quantity);
          assets.insert(csl.AssetName.new(bytes(name)), n < 0n ? csl.Int.new_negative(big(-n)) : csl.Int.new(big(n)));
        }
        minted.insert(csl.ScriptHash.from_hex(policy), assets);
      }
      body.set_mint(minted);
    }
    if (required.length) {
      const signers = csl.Ed25519KeyHashes.new();
      for (const hash of required) signers.add(csl.Ed25519KeyHash.from_hex(hash));
      body.set_required_signers(signers);
    }
    let auxiliary;
    if (metadata) {
      auxiliary = csl.AuxiliaryData.new();
      const general = csl.GeneralTransactionMetadata.new();
      general.insert(big(metadata.label), csl.encode_json_str_to_metadatum(metadata.json, csl.MetadataJsonSchema.NoConversions));
      auxiliary.set_metadata(general);
      body.set_auxiliary_data_hash(csl.hash_auxiliary_data(auxiliary));
    }
    const transaction = csl.Transaction.new(body, csl.TransactionWitnessSet.new(), auxiliary);
    return {
      cbor: transaction.to_hex(),
      fee: csl.min_fee(transaction, fees).to_str(),
      minCoins: Array.from({ length: outs.len() }, (_, i) => csl.min_ada_for_output(outs.get(i), perByte).to_str()),
      id: csl.FixedTransaction.from_bytes(transaction.to_bytes()).transaction_hash().to_hex(),
    };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  let answer;
  try {
    answer = answers[question.op](question);
  } catch (error) {
    answer = { error: String(error) };
  }
  process.stdout.write(JSON.stringify(answer) + '\n');
}
