import { answerOrders } from '#model/runtime/asked-thread';
import { type RankRequest, rankViews } from './rank-views.js';

// Entry of the thread that asks probes about views.
answerOrders(async () => async (request: RankRequest) => rankViews(request));
