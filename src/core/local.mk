noinst_LIBRARIES += libcore.a
libcore_a_SOURCES = \
	src/core/action.h src/core/event.h src/core/text.h \
	src/core/configure.c \
	src/core/core.c src/core/core.h \
	src/core/due.c src/core/due.h \
	src/core/follow.c src/core/follow.h \
	src/core/load.c \
	src/core/next.c \
	src/core/record.c src/core/record.h \
	src/core/settings.c src/core/settings.h \
	src/core/stats.c \
	src/core/top.h \
	src/core/types.c src/core/types.h \
	src/core/consent/agree.c src/core/consent/agree.h \
	src/core/consent/ask_book.c src/core/consent/ask_book.h \
	src/core/consent/ask_rate.c src/core/consent/ask_rate.h \
	src/core/consent/enrol.c src/core/consent/enrol.h \
	src/core/consent/invite.c src/core/consent/invite.h \
	src/core/consent/consent.c src/core/consent/stored.c src/core/consent/consent.h \
	src/core/consent/place.c src/core/consent/place.h \
	src/core/consent/remind.c src/core/consent/remind.h \
	src/core/consent/state.h \
	src/core/consent/suspend.c src/core/consent/suspend.h \
	src/core/consent/verify.c src/core/consent/verify.h src/core/consent/verify_private.h \
	src/core/consent/verify_ask.c src/core/consent/verify_due.c src/core/consent/verify_plan.c src/core/consent/verify_proof.c src/core/consent/verify_read.c \
	src/core/consent/withhold.c src/core/consent/withhold.h \
	src/core/flight/change.c src/core/flight/change.h \
	src/core/flight/change_queue.c src/core/flight/change_queue.h \
	src/core/flight/line.c src/core/flight/line.h \
	src/core/flight/pace.c src/core/flight/pace.h \
	src/core/flight/probe.c src/core/flight/probe.h \
	src/core/flight/query.c src/core/flight/query_ask.c src/core/flight/query_list.c src/core/flight/query.h \
	src/core/flight/state.h \
	src/core/model/audience.c src/core/model/audience.h \
	src/core/model/claim.c src/core/model/claim.h \
	src/core/model/contacts.c src/core/model/contacts.h \
	src/core/model/deliverer.c src/core/model/deliverer.h \
	src/core/model/device.c src/core/model/device.h \
	src/core/model/device_ghost.c src/core/model/device_ghost.h \
	src/core/model/device_label.c src/core/model/device_label.h src/core/model/device_resource.c src/core/model/device_resource.h \
	src/core/model/host.c src/core/model/host.h \
	src/core/model/settle.c src/core/model/settle.h \
	src/core/model/silence.c src/core/model/silence.h \
	src/core/model/state.h src/core/model/state_asked.h \
	src/core/model/state_host.h src/core/model/state_outlets.h src/core/model/state_user.h \
	src/core/model/user.c src/core/model/user.h \
	src/core/outlets/delivery.c src/core/outlets/delivery.h \
	src/core/outlets/errand.c src/core/outlets/errand.h \
	src/core/outlets/greeting.c src/core/outlets/greeting.h \
	src/core/outlets/notification.c src/core/outlets/notification.h \
	src/core/outlets/pep.c src/core/outlets/pep.h \
	src/core/outlets/pep_answer.c src/core/outlets/pep_answer.h \
	src/core/outlets/pep_step.c src/core/outlets/pep_step.h \
	src/core/outlets/pep_way.c src/core/outlets/pep_way.h \
	src/core/outlets/slots.c src/core/outlets/slots.h \
	src/core/outlets/state.h \
	src/core/outlets/telling.c src/core/outlets/telling.h \
	src/core/outlets/unsubscribe.c src/core/outlets/unsubscribe.h \
	src/core/sources/anew.c src/core/sources/anew.h \
	src/core/sources/audit.c src/core/sources/audit_judge.c src/core/sources/audit_of.c src/core/sources/audit.h src/core/sources/audit_private.h \
	src/core/sources/blocking.c src/core/sources/blocking.h \
	src/core/sources/doubt.c src/core/sources/doubt.h \
	src/core/sources/grant.c src/core/sources/grant.h \
	src/core/sources/missing.c src/core/sources/missing.h \
	src/core/sources/presence.c src/core/sources/presence_link.c src/core/sources/presence.h \
	src/core/sources/roster_push.c src/core/sources/roster_push.h \
	src/core/sources/roster.c src/core/sources/roster.h src/core/sources/roster_items.c src/core/sources/roster_items.h \
	src/core/sources/state.h \
	src/core/sources/verdict.c src/core/sources/verdict.h \
	src/core/sources/watch.c src/core/sources/watch.h \
	src/core/talk/chat.c src/core/talk/chat.h \
	src/core/talk/command.c src/core/talk/command.h \
	src/core/talk/command_form.c src/core/talk/command_form.h \
	src/core/talk/command_run.c src/core/talk/command_run.h \
	src/core/talk/command_session.c src/core/talk/command_session.h \
	src/core/talk/party.c src/core/talk/party.h \
	src/core/talk/request.c src/core/talk/request.h \
	src/core/talk/state.h \
	src/core/tools/answers.c src/core/tools/answers.h \
	src/core/tools/env.h \
	src/core/tools/reply.c src/core/tools/reply.h \
	src/core/tools/rng.c src/core/tools/rng.h \
	src/core/tools/said.c src/core/tools/said.h \
	src/core/tools/say.c src/core/tools/say.h \
	src/core/tools/timer.c src/core/tools/timer.h \
	src/core/view/item.c src/core/view/item.h \
	src/core/view/state.h
