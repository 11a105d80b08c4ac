import { Module } from '@nestjs/common';
import type { Command } from 'commander';
import { InjectCommander } from 'nest-commander';
import { AugmentCommand } from './augment/augment.command.js';
import { PreviewAugmentCommand } from './augment/preview.command.js';
import { BenchCommand } from './bench/bench.command.js';
import { BenchFewDefectsCommand } from './bench/few-defects.command.js';
import { BenchFramePathCommand } from './bench/frame-path/frame-path.command.js';
import { BenchInferenceCommand } from './bench/inference.command.js';
import { BenchTrainStepCommand } from './bench/train-step.command.js';
import { BenchWholeJobCommand } from './bench/whole-job.command.js';
import { CommandCommand } from './command.command.js';
import { CompareCommand } from './compare.command.js';
import { CheckDataCommand } from './data/check.command.js';
import { DataCommand } from './data/data.command.js';
import { DoctorCommand } from './doctor.command.js';
import { EvaluateCommand } from './evaluate.command.js';
import { InspectorCommand } from './inspector.command.js';
import { InitModelsCommand } from './models/init.command.js';
import { ListModelsCommand } from './models/list.command.js';
import { ModelsCommand } from './models/models.command.js';
import { RollbackCommand } from './models/rollback.command.js';
import { ShowModelCommand } from './models/show.command.js';
import { PlanCommand } from './plan/plan.command.js';
import { PlanSchemaCommand } from './plan/schema.command.js';
import { ShowPlanCommand } from './plan/show.command.js';
import { PromoteCommand } from './promote.command.js';
import { ReplayCommand } from './replay.command.js';
import { ReportCommand } from './report.command.js';
import { SampleDataCommand } from './sample-data.command.js';
import { CompareShadowCommand } from './shadow/compare.command.js';
import { ShadowCommand } from './shadow/shadow.command.js';
import { SimulateCommand } from './simulate.command.js';
import { SweepCommand } from './sweep.command.js';
import { ThresholdCommand } from './threshold.command.js';
import { TrainCommand } from './train.command.js';
import { TrainerCommand } from './trainer.command.js';
import { ExportWeightsCommand } from './weights/export.command.js';
import { ImportWeightsCommand } from './weights/import.command.js';
import { ListWeightsCommand } from './weights/list.command.js';
import { RemoveWeightsCommand } from './weights/remove.command.js';
import { ShowWeightsCommand } from './weights/show.command.js';
import { WeightsCommand } from './weights/weights.command.js';

/** Every command of `lineside`. Heavy parts are imported inside `run`, so that --help answers at once. */
@Module({
  providers: [
    TrainCommand,
    SweepCommand,
    ...[PlanCommand, ShowPlanCommand, PlanSchemaCommand],
    EvaluateCommand,
    ReportCommand,
    CompareCommand,
    ThresholdCommand,
    PromoteCommand,
    ...[ModelsCommand, ListModelsCommand, ShowModelCommand, RollbackCommand, InitModelsCommand],
    InspectorCommand,
    TrainerCommand,
    DoctorCommand,
    ...[AugmentCommand, PreviewAugmentCommand],
    ...[DataCommand, CheckDataCommand],
    ...[BenchCommand, BenchInferenceCommand, BenchTrainStepCommand, BenchWholeJobCommand, BenchFewDefectsCommand],
    BenchFramePathCommand,
    CommandCommand,
    ...[ShadowCommand, CompareShadowCommand],
    ...[ReplayCommand, SimulateCommand, SampleDataCommand],
    ...[WeightsCommand, ListWeightsCommand, ImportWeightsCommand],
    ...[ShowWeightsCommand, RemoveWeightsCommand, ExportWeightsCommand],
  ],
})
export class CliModule {
  constructor(@InjectCommander() lineside: Command) {
    lineside.name('lineside').description('Inspects parts on a production line: trains, promotes, runs.');
  }
}
