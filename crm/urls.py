"""The table of contents of crm."""

from django.urls import path

from crm.views import action, action_verbs, communication, contact, customer, customer_detail, my_day

app_name = "crm"

urlpatterns = [
    path("", my_day.MyDay.as_view(), name="my_day"),
    path("followups/", action.FollowUps.as_view(), name="followups"),
    path("followups/new/", action.FollowUpNew.as_view(), name="action_new"),
    path("followups/<int:pk>/", action.FollowUp.as_view(), name="action"),
    path("followups/<int:pk>/complete/", action_verbs.Complete.as_view(), name="action_complete"),
    path("followups/<int:pk>/reopen/", action_verbs.Reopen.as_view(), name="action_reopen"),
    path("followups/<int:pk>/snooze/", action_verbs.Snooze.as_view(), name="action_snooze"),
    path("followups/<int:pk>/wake/", action_verbs.Wake.as_view(), name="action_wake"),
    path("followups/<int:pk>/hand-over/", action_verbs.HandOver.as_view(), name="action_hand_over"),
    path("followups/<int:pk>/claim/", action_verbs.Claim.as_view(), name="action_claim"),
    path("followups/<int:pk>/start/", action_verbs.Start.as_view(), name="action_start"),
    path("followups/<int:pk>/cancel/", action_verbs.Cancel.as_view(), name="action_cancel"),
    path("followups/<int:pk>/log/", communication.LogResult.as_view(), name="action_log"),
    path("customers/", customer.CustomerList.as_view(), name="customers"),
    path("customers/new/", customer.CustomerNew.as_view(), name="customer_new"),
    path("customers/options/", customer.customer_options, name="customer_options"),
    path("customers/<int:pk>/", customer_detail.CustomerDetail.as_view(), name="customer"),
    path("customers/<int:pk>/edit/", customer.CustomerEdit.as_view(), name="customer_edit"),
    path("customers/<int:pk>/archive/", customer.CustomerArchive.as_view(), name="customer_archive"),
    path("customers/<int:pk>/restore/", customer.CustomerRestore.as_view(), name="customer_restore"),
    path(
        "customers/<int:pk>/timeline/", customer_detail.CustomerTimeline.as_view(), name="customer_timeline"
    ),
    path("customers/<int:pk>/log/", communication.LogConversation.as_view(), name="customer_log"),
    path("customers/<int:pk>/followup/", action.FollowUpNew.as_view(), name="customer_action_new"),
    path("contacts/", contact.ContactList.as_view(), name="contacts"),
    path("contacts/new/", contact.ContactNew.as_view(), name="contact_new"),
    path("contacts/<int:pk>/", contact.ContactDetail.as_view(), name="contact"),
    path("contacts/<int:pk>/edit/", contact.ContactEdit.as_view(), name="contact_edit"),
    path("contacts/<int:pk>/link/", contact.ContactLinkNew.as_view(), name="contact_link"),
    path("contacts/<int:pk>/move/", contact.ContactMove.as_view(), name="contact_move"),
    path("contacts/<int:pk>/archive/", contact.ContactArchive.as_view(), name="contact_archive"),
    path("contacts/<int:pk>/restore/", contact.ContactRestore.as_view(), name="contact_restore"),
    path(
        "contacts/<int:pk>/customers/<int:customer_pk>/end/",
        contact.ContactUnlink.as_view(),
        name="contact_unlink",
    ),
    path(
        "contacts/<int:pk>/customers/<int:customer_pk>/main/",
        contact.ContactMain.as_view(),
        name="contact_main",
    ),
]
