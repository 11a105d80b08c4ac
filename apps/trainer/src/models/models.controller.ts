import { Body, Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Logger } from 'pino';
import { documented, HttpProblem, PromoteRequest, parseBody, RollbackRequest } from '#contracts';
import { ModelCard } from '#model/card';
import {
  type Activation,
  type ActivationEntry,
  type Promotion,
  type PromotionCase,
  promote,
  Registry,
  weighPromotion,
} from '#registry';
import { LOGGER } from '../logger.js';

const CARD = documented(ModelCard);
const PROBLEM = documented(HttpProblem);

/** The store over HTTP. Nothing goes live here but by a person's name. */
@ApiTags('models')
@Controller('api')
export class ModelsController {
  constructor(
    @Inject(Registry) private readonly registry: Registry,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @Get('models')
  @ApiOperation({ summary: 'Cards of all models that can be read, newest first; the log names the others' })
  @ApiResponse({ status: 200, schema: { type: 'array', items: CARD } })
  async list(): Promise<readonly ModelCard[]> {
    const { cards, unreadable } = await this.registry.list();
    for (const message of unreadable) this.logger.warn({ event: 'model-unreadable', message });
    return cards;
  }

  @Get('models/:id')
  @ApiOperation({ summary: 'The card of one model' })
  @ApiResponse({ status: 200, schema: CARD })
  @ApiResponse({ status: 404, description: 'MODEL_UNKNOWN', schema: PROBLEM })
  async card(@Param('id') id: string): Promise<ModelCard> {
    return this.registry.card(id);
  }

  @Get('models/:id/promotion/:recipe')
  @ApiOperation({ summary: 'What a person should read before promoting this model: figures, wish, doubts' })
  @ApiResponse({ status: 200, description: 'What the model would be held against; nothing is changed' })
  @ApiResponse({ status: 404, description: 'MODEL_UNKNOWN', schema: PROBLEM })
  @ApiResponse({ status: 409, description: 'PROMOTE_NO_DEFECTS, PROMOTE_WORSE', schema: PROBLEM })
  async weigh(@Param('id') id: string, @Param('recipe') recipe: string): Promise<PromotionCase> {
    const { basis, summary } = await weighPromotion(this.registry, { id, recipe });
    return { basis, summary };
  }

  @Post('models/:id/promote')
  @HttpCode(200)
  @ApiOperation({ summary: 'Let this model inspect a recipe, in the name of a person' })
  @ApiBody({ schema: documented(PromoteRequest) })
  @ApiResponse({ status: 200, description: 'The activation and what the model was held against' })
  @ApiResponse({ status: 409, description: 'PROMOTE_NO_DEFECTS, PROMOTE_WORSE, PROMOTE_OVERTAKEN, …', schema: PROBLEM })
  async promote(@Param('id') id: string, @Body() body: unknown): Promise<Promotion> {
    const { recipe, by } = parseBody(PromoteRequest, body);
    const promotion = await promote(this.registry, { id, recipe, by });
    this.logActive('model-promoted', promotion.activation);
    return promotion;
  }

  @Get('activations')
  @ApiOperation({ summary: 'Every activation and rollback, oldest first' })
  activations(): Promise<ActivationEntry[]> {
    return this.registry.history();
  }

  @Get('recipes/:recipe/active')
  @ApiOperation({ summary: 'What inspects a recipe now' })
  async active(@Param('recipe') recipe: string): Promise<{ active: Activation | null }> {
    return { active: await this.registry.active(recipe) };
  }

  @Post('recipes/:recipe/rollback')
  @HttpCode(200)
  @ApiOperation({ summary: 'Return to the model that was active before, in the name of a person' })
  @ApiBody({ schema: documented(RollbackRequest) })
  @ApiResponse({ status: 200, description: 'The activation' })
  @ApiResponse({ status: 409, description: 'NOTHING_TO_ROLL_BACK, ROLLBACK_OVERTAKEN', schema: PROBLEM })
  async rollback(@Param('recipe') recipe: string, @Body() body: unknown): Promise<Activation> {
    const { by, from } = parseBody(RollbackRequest, body);
    const activation = await this.registry.rollback({ recipe, by, ...(from === undefined ? {} : { from }) });
    this.logActive('model-rolled-back', activation);
    return activation;
  }

  private logActive(event: string, { recipe, modelId, by }: Activation): void {
    this.logger.info({ event, recipe, model: modelId, by });
  }
}
