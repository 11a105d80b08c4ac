import { Controller, Get, Redirect } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';

/** Whoever opens the trainer's address in a browser comes to what may be asked here. */
@ApiExcludeController()
@Controller()
export class RootController {
  @Get()
  @Redirect('api/docs')
  showRoutes(): void {}
}
