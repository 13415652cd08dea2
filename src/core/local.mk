noinst_LIBRARIES += libcore.a
libcore_a_SOURCES = \
	src/core/action.h src/core/event.h src/core/state.h src/core/text.h \
	src/core/anew.c src/core/anew.h \
	src/core/answers.c src/core/answers.h \
	src/core/ask_rate.c src/core/ask_rate.h \
	src/core/audience.c src/core/audience.h \
	src/core/audit.c src/core/audit.h \
	src/core/blocking.c src/core/blocking.h \
	src/core/change.c src/core/change.h \
	src/core/chat.c src/core/chat.h \
	src/core/claim.c src/core/claim.h \
	src/core/command.c src/core/command.h \
	src/core/command_form.c src/core/command_form.h \
	src/core/command_session.c src/core/command_session.h \
	src/core/configure.c \
	src/core/contacts.c src/core/contacts.h \
	src/core/core.c src/core/core.h \
	src/core/deliverer.c src/core/deliverer.h \
	src/core/delivery.c src/core/delivery.h \
	src/core/device.c src/core/device.h \
	src/core/doubt.c src/core/doubt.h \
	src/core/due.c src/core/due.h \
	src/core/follow.c src/core/follow.h \
	src/core/grant.c src/core/grant.h \
	src/core/greeting.c src/core/greeting.h \
	src/core/host.c src/core/host.h \
	src/core/invite.c src/core/invite.h \
	src/core/item.c src/core/item.h \
	src/core/line.c src/core/line.h \
	src/core/link.c src/core/link_stored.c src/core/link.h \
	src/core/load.c \
	src/core/missing.c src/core/missing.h \
	src/core/next.c \
	src/core/notification.c src/core/notification.h \
	src/core/outbox.c src/core/outbox.h \
	src/core/outbox_answer.c src/core/outbox_answer.h \
	src/core/outbox_step.c src/core/outbox_step.h \
	src/core/pace.c src/core/pace.h \
	src/core/place.c src/core/place.h \
	src/core/presence.c src/core/presence.h \
	src/core/probe.c src/core/probe.h \
	src/core/query.c src/core/query.h \
	src/core/record.c src/core/record.h \
	src/core/remind.c src/core/remind.h \
	src/core/reply.c src/core/reply.h \
	src/core/request.c src/core/request.h \
	src/core/rng.c src/core/rng.h \
	src/core/roster.c src/core/roster.h \
	src/core/said.c src/core/said.h \
	src/core/say.c src/core/say.h \
	src/core/settings.c src/core/settings.h \
	src/core/silence.c src/core/silence.h \
	src/core/slots.c src/core/slots.h \
	src/core/stats.c \
	src/core/suspend.c src/core/suspend.h \
	src/core/telling.c src/core/telling.h \
	src/core/timer.c src/core/timer.h \
	src/core/top.h \
	src/core/types.c src/core/types.h \
	src/core/unsubscribe.c src/core/unsubscribe.h \
	src/core/user.c src/core/user.h \
	src/core/verdict.c src/core/verdict.h \
	src/core/verify.c src/core/verify.h src/core/verify_private.h \
	src/core/verify_ask.c src/core/verify_due.c src/core/verify_plan.c src/core/verify_proof.c src/core/verify_read.c \
	src/core/watch.c src/core/watch.h \
	src/core/withhold.c src/core/withhold.h
