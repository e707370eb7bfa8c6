// Puts to AWS's SDK for JavaScript what it reads: one request a line, in JSON; answers so.
import { createInterface } from "node:readline";

import * as batch from "@aws-sdk/client-batch";
import * as datasync from "@aws-sdk/client-datasync";
import * as fsx from "@aws-sdk/client-fsx";
import * as stepfunctions from "@aws-sdk/client-sfn";
import { AwsSmithyRpcV2CborProtocol } from "@aws-sdk/core/protocols";

const settings = process.argv[2] === "cbor" ? { protocol: AwsSmithyRpcV2CborProtocol } : {};
const services = {
  fsx: { sdk: fsx, client: new fsx.FSxClient() },
  batch: { sdk: batch, client: new batch.BatchClient() },
  stepfunctions: { sdk: stepfunctions, client: new stepfunctions.SFNClient() },
  datasync: { sdk: datasync, client: new datasync.DataSyncClient(settings) },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { service, operation, parameters } = JSON.parse(line);
  const { sdk, client } = services[service];
  let told;
  try {
    const { $metadata, ...answer } = await client.send(new sdk[`${operation}Command`](parameters));
    told = { answer, id: $metadata.requestId, status: $metadata.httpStatusCode };
  } catch (error) {
    const { name, message, $metadata, $fault, $response, $service, $retryable, ...members } = error;
    const modelled = sdk[name] !== undefined && error instanceof sdk[name];
    told = { code: name, message, members, modelled, status: $metadata?.httpStatusCode };
  }
  console.log(JSON.stringify(told));
}
