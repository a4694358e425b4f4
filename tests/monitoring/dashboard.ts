// dashboard.ts - what a dashboard of ours may look like, by Grafana's own types.
//
// Grafana's types leave queries and the options of a panel open; here each kind
// of panel that we use has its own. tests/monitoring/check-dashboard has tsc
// compare a JSON file with Checked.
import type {
  Dashboard, DataSourceRef, FieldConfig, MatcherConfig, Panel, RowPanel,
} from "@grafana/schema";
import type * as stat from
  "@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen";
import type * as timeline from
  "@grafana/schema/dist/esm/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen";
import type * as series from
  "@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen";

// A query to Prometheus.
interface Query {
  refId: string;
  datasource: DataSourceRef;
  expr: string;
  legendFormat: string;
  instant?: boolean;
}

interface Fields<Custom> {
  defaults: Omit<FieldConfig, "custom"> & { custom?: Custom };
  overrides: {
    matcher: MatcherConfig;
    properties: { id: string; value?: unknown }[];
  }[];
}

interface Of<Type, Options, Custom>
  extends Omit<Panel, "type" | "options" | "targets" | "fieldConfig"> {
  type: Type;
  title: string;
  options: Options;
  targets: Query[];
  fieldConfig: Fields<Custom>;
}

type AnyPanel =
  | (RowPanel & { type: "row" })
  | Of<"stat", stat.Options, Record<string, never>>
  | Of<"timeseries", series.Options, series.FieldConfig>
  | Of<"state-timeline", timeline.Options, timeline.FieldConfig>;

// JSON has the values of an enumeration, not their names.
type Json<T> =
  T extends string ? `${T}` :
  T extends (infer One)[] ? Json<One>[] :
  T extends object ? { [Name in keyof T]: Json<T[Name]> } : T;

export type Checked = Json<Omit<Dashboard, "panels"> & {
  uid: string;
  title: string;
  panels: AnyPanel[];
}>;
