export type { GatewayStatus, TaskStatus } from './admin/status.ts';
export { advance } from './audit/audit-desk.ts';
export { type MostTokens, mostTokens } from './budgets/most-tokens.ts';
export { type Ban, bansOf, type FallingBack } from './check/bans.ts';
export { type CheckedModel, checkProviders, modelToTry } from './check/check-providers.ts';
export type { Features, Finding } from './check/probe-model.ts';
export { askTokens, TokenServerError } from './client/ask-tokens.ts';
export { type GatewayDoor, gatewayAsk } from './client/gateway-ask.ts';
export { type Knock, type Probed, probeGateway } from './client/probe-gateway.ts';
export { usualBounds } from './config/budget-schema.ts';
export * from './config/index.ts';
export {
  type DriftFound,
  type DriftQuestion,
  findDrift,
  inputsDrifted,
  noteDrift,
} from './drift/find-drift.ts';
export type {
  GatewayInside,
  OwnAnswer,
  OwnQuestion,
  Pages,
  ProviderStanding,
} from './inside/gateway-inside.ts';
export { type Log, type LogFields, type LogLevel, lineLog } from './log/log.ts';
export { ApiError } from './server/api-error.ts';
export { ListenError } from './server/http-server.ts';
export { type Gateway, type GatewayOptions, startGateway } from './server/start-gateway.ts';
export type { ServingStudent, StudentLoader, StudentOpinion } from './students/student.ts';
export { modelName } from './tasks/model-names.ts';
