/** The library: what other programs may use of kbdiag. Whatever is not listed here can change in any version. */
export { CaptureError } from './capture/errors.ts';
export type { CaptureErrorCode, Damage, DamageCode } from './capture/errors.ts';
export type { Overlap, OverlapLimit } from './capture/timeline.ts';
export { analyze } from './engine/analyze.ts';
export type { AnalyzeOptions } from './engine/analyze.ts';
export { HostFilter } from './engine/host-filter.ts';
export type { About } from './engine/host-filter.ts';
export type { OptionSpec, OptionSpecs, OptionValues } from './engine/options.ts';
export type { Period, PeriodOf } from './engine/period.ts';
export type {
  AnalysisResult,
  CaptureHealth,
  CaptureSummary,
  CaptureTime,
  Finding,
  FindingKind,
  FrameCitation,
  MessageData,
  RuleVerdict,
  Series,
  Severity,
  Tier,
  Verdict,
} from './engine/result.ts';
export { defineRule } from './engine/rule.ts';
export type {
  Article,
  Candidate,
  FindingReport,
  Rule,
  RuleContext,
  RuleHandlers,
  RuleMeta,
} from './engine/rule.ts';
export { FORMATS, render } from './report/formats.ts';
export type { Format } from './report/formats.ts';
export { renderJson } from './report/json.ts';
export { toReport } from './report/model.ts';
export type { ReportOptions } from './report/model.ts';
export type {
  Report,
  ReportCapture,
  ReportFailure,
  ReportFinding,
  ReportFrame,
  ReportHealth,
  ReportVerdict,
} from './report/schema.ts';
export { describeDevice } from './report/style.ts';
export type { Device } from './report/style.ts';
export { renderText } from './report/text.ts';
export { rules } from '../rules/index.ts';
