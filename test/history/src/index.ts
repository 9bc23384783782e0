export { lineOf, recordOf } from './recorder/history-lines.ts';
export { Recorder } from './recorder/recorder.ts';
export { RecordingClient, type Server } from './recorder/recording-client.ts';
export { digestIdentity } from './recorder/wire-form.ts';
export { RandomWorkload, type Request } from './workload.ts';
