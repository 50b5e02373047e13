/** What the admin API answers (docs/registry.md, "Admin API"). Times are milliseconds since 1970, sizes bytes. */

export interface User {
  name: string;
  email: string | null;
  admin: boolean;
  disabled: boolean;
  created: number;
  seen: number | null;
}

export interface Session {
  user: User | null;
  identity: string;
  csrf: string | null;
  open: boolean;
  setup: boolean;
}

export interface Proxy {
  upstream: string;
  username?: string;
  freshSeconds?: number;
  expireDays?: number;
}

export interface Project {
  name: string;
  public: boolean;
  quota: number | null;
  used: number;
  repositories: number;
  pulls: number;
  created: number;
  role: string | null;
  actions: string[];
  proxy: Proxy | null;
}

export interface Repository {
  name: string;
  tags: number;
  pulls: number;
  pulled: number | null;
  pushed: number | null;
  created: number;
}

export interface Tag {
  name: string;
  digest: string;
  updated: number;
  updatedBy: string;
  pulled: number | null;
  kind: "image" | "index" | "artifact";
  artifactType: string | null;
  imageSize: number;
  platforms: string[];
  layers: number;
  created: number | null;
  immutable: boolean;
}

export interface Content {
  digest: string;
  mediaType: string;
  size: number;
  platform: string | null;
}

export interface Manifest {
  digest: string;
  mediaType: string;
  kind: "image" | "index" | "artifact";
  artifactType: string | null;
  size: number;
  imageSize: number;
  platform: string | null;
  created: number | null;
  pushed: number;
  pushedBy: string;
  pulled: number | null;
  subject: string | null;
  annotations: Record<string, string>;
}

export interface ImageConfig {
  os: string;
  architecture: string;
  variant: string | null;
  created: string | null;
  author: string | null;
  process: Record<string, unknown>;
  history: { created?: string; created_by?: string; comment?: string; empty_layer?: boolean }[];
}

export interface Image extends Manifest {
  tags: string[];
  layers: Content[];
  manifests: Content[];
  referrers: Manifest[];
  config: ImageConfig | null;
}

export interface Retention {
  repositories?: string[];
  tags?: string[];
  keepNewest?: number;
  keepPushedWithinDays?: number;
  keepPulledWithinDays?: number;
}

export interface Robot {
  id: number;
  name: string;
  role: string;
  description: string | null;
  expires: number | null;
  disabled: boolean;
  created: number;
  createdBy: string;
  seen: number | null;
}

export interface Webhook {
  id: number;
  url: string;
  events: string[];
  enabled: boolean;
  created: number;
  signed: boolean;
}

export interface Delivery {
  id: number;
  event: string;
  attempts: number;
  next: number | null;
  status: number | null;
  error: string | null;
  created: number;
  done: number | null;
}

export interface AuditRecord {
  id: number;
  at: number;
  actor: string;
  action: string;
  project?: string;
  repository?: string;
  reference?: string;
  digest?: string;
  address: string;
  outcome: "ok" | "denied";
  count: number;
  detail?: unknown;
}

export interface TrafficPoint {
  hour: number;
  pulls: number;
  pushes: number;
  received: number;
  sent: number;
}

export interface Statistics {
  storage: { count: number; bytes: number; free: number; size: number };
  manifests: number;
  uploads: number;
  projects: { name: string; used: number; quota: number | null; repositories: number }[];
  traffic: TrafficPoint[];
}

export interface Collection {
  id: number;
  started: number;
  ended: number | null;
  by: string;
  dryRun: boolean;
  state: "running" | "done" | "failed" | "interrupted";
  phase?: string;
  uploads: number;
  tags: number;
  manifests: number;
  links: number;
  contents: number;
  orphans: number;
  bytes: number;
  error?: string;
}
